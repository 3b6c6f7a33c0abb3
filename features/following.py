"""What followed moments: which events came to leads within so long after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from features.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.events import EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What is asked of leads at moments: which of `keys` (types, or types with their detail) came next.

    An event counts that occurred within (moment, moment + `window_us`] and was known by `known_by_us`, both
    in microseconds.
    """

    keys: tuple[str, ...]
    window_us: int
    known_by_us: int


@dataclass(frozen=True, slots=True)
class Followed:
    """What came next, of n leads at moments.

    `came` bool (n, keys): whether an event of each key did. `anything` bool (n,): whether any event did, of
    these keys or not.
    """

    came: NDArray[np.bool_]
    anything: NDArray[np.bool_]


def room_for(rows: int, asked: Following | None) -> Followed:
    """Return the answer of so many rows to whom nothing came; without any keys where nothing is asked."""
    keys = 0 if asked is None else len(asked.keys)
    return Followed(np.zeros((rows, keys), np.bool_), np.zeros(rows, np.bool_))


def followed(batch: LeadBatch, asked: Following) -> Followed:
    """Return what came next to leads at their moments."""
    log = batch.events
    found = room_for(len(batch), asked)
    _follow(
        *read_only(
            batch.owner, batch.as_of, log.offsets, log.occurred_at, log.known_at, log.key, log.detail_key
        ),
        _places(log, asked.keys),
        asked.window_us,
        asked.known_by_us,
        found.came,
        found.anything,
    )
    return found


def _places(log: EventLog, keys: Sequence[str]) -> NDArray[np.int64]:
    """Return which of the keys each key of the log is, -1 for none; one more for an event without detail."""
    place = {key: at for at, key in enumerate(keys)}
    return np.asarray([*(place.get(key, -1) for key in log.keys), -1], np.int64)


@numba.njit(cache=True, nogil=True)
def _follow(  # noqa: PLR0913, PLR0917  # a kernel: plain loops over plain arrays
    owner: Any,
    as_of: Any,
    offsets: Any,
    occurred_at: Any,
    known_at: Any,
    key: Any,
    detail_key: Any,
    place: Any,
    window: Any,
    known_by: Any,
    came: Any,
    anything: Any,
) -> None:
    for row in range(len(owner)):
        stop = offsets[owner[row] + 1]
        event = offsets[owner[row]]
        event += np.searchsorted(occurred_at[event:stop], as_of[row], side="right")
        while event < stop and occurred_at[event] <= as_of[row] + window:
            if known_at[event] <= known_by:
                anything[row] = True
                for code in (place[key[event]], place[detail_key[event]]):
                    if code >= 0:
                        came[row, code] = True
            event += 1
