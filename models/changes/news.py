"""What became known of a lead's events between two moments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.events import EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class News:
    """How often each `key` (a type, or a type with its detail) is new, and the types that are touches."""

    times: dict[str, int]
    types: tuple[str, ...]
    touches: frozenset[str]

    def deeds(self) -> list[str]:
        """Return for each type the key that says it best: with the detail that all that is new shares."""
        found = []
        for kind in self.types:
            details = [key for key in self.times if key.startswith(f"{kind}.")]
            shared = [key for key in details if self.times[key] == self.times[kind]]
            found.append(shared[0] if len(details) == 1 and shared else kind)
        return found


def news(log: EventLog, owner: int, since: int, until: int) -> News:
    """Return what of an owner's events is visible at `until` and was not at `since` (microseconds UTC).

    An event that occurred earlier and became known in between is new.
    """
    own = np.zeros(len(log.key), np.bool_)
    own[log.offsets[owner] : log.offsets[owner + 1]] = True
    new = np.flatnonzero(own & _is_visible(log, until) & ~_is_visible(log, since))
    kinds = Counter(log.keys[key] for key in log.key[new].tolist())
    details = Counter(log.keys[key] for key in log.detail_key[new].tolist() if key >= 0)
    touches = {log.keys[key] for key in log.key[new[log.is_touch[new]]].tolist()}
    return News({**kinds, **details}, tuple(sorted(kinds)), frozenset(touches))


def seen_at(log: EventLog, moment: int) -> EventLog:
    """Return the log of the events that were visible at a moment, in microseconds UTC."""
    kept = _is_visible(log, moment)
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
