"""What became known of a lead's events between two moments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.events import EventLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class News:
    """How often each `key` (a type, or a type with its detail) is new, and the types that are touches.

    `types` are the types of new events in the order in which they first became visible.
    """

    times: dict[str, int]
    types: tuple[str, ...]
    touches: frozenset[str]

    def deed(self, kind: str) -> str:
        """Return the key that says best what is new of a type: with the detail that all of it shares."""
        details = [key for key in self.times if key.startswith(f"{kind}.")]
        is_shared = len(details) == 1 and self.times[details[0]] == self.times[kind]
        return details[0] if is_shared else kind


def news(log: EventLog, owner: int, since: int, until: int) -> News:
    """Return what of an owner's events is visible at `until` and was not at `since` (microseconds UTC).

    An event that occurred earlier and became known in between is new.
    """
    own = np.zeros(len(log.key), np.bool_)
    own[log.offsets[owner] : log.offsets[owner + 1]] = True
    new = np.flatnonzero(own & _is_visible(log, until) & ~_is_visible(log, since))
    seen_at = np.maximum(log.occurred_at[new], log.known_at[new]).tolist()
    kinds = [log.keys[key] for key in log.key[new].tolist()]
    first: dict[str, int] = {}
    for kind, seen in zip(kinds, seen_at, strict=True):
        first[kind] = min(first.get(kind, seen), seen)
    details = Counter(log.keys[key] for key in log.detail_key[new].tolist() if key >= 0)
    touches = {log.keys[key] for key in log.key[new[log.is_touch[new]]].tolist()}
    types = sorted(first, key=lambda kind: (first[kind], kind))
    return News({**Counter(kinds), **details}, tuple(types), frozenset(touches))


def seen_at(log: EventLog, moment: int, more: Sequence[str] = ()) -> EventLog:
    """Return the log of the events that were visible at a moment (microseconds UTC), and of `more` types."""
    of_types = np.isin(log.key, [at for at, key in enumerate(log.keys) if key in more])
    kept = _is_visible(log, moment) | of_types
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return EventLog(
        offsets=before[log.offsets],
        occurred_at=log.occurred_at[kept],
        known_at=log.known_at[kept],
        key=log.key[kept],
        detail_key=log.detail_key[kept],
        is_touch=log.is_touch[kept],
        value=log.value[kept],
        keys=log.keys,
    )


def _is_visible(log: EventLog, moment: int) -> NDArray[np.bool_]:
    return (log.occurred_at <= moment) & (log.known_at <= moment)
