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
    """How often each key (a type, or a type with its detail) is new, and the keys that are touches.

    `types` are the types of new events in the order in which they first became visible. `detailed` has those
    of them all of whose new events share a detail, with the key that names it.
    """

    times: dict[str, int]
    types: tuple[str, ...]
    touches: frozenset[str]
    detailed: dict[str, str]

    def deed(self, kind: str) -> str:
        """Return the key that says best what is new of a type: with the detail that all of it shares."""
        return self.detailed.get(kind, kind)


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
    details = [log.keys[key] if key >= 0 else None for key in log.detail_key[new].tolist()]
    named: dict[str, set[str | None]] = {}
    for kind, detail in zip(kinds, details, strict=True):
        named.setdefault(kind, set()).add(detail)
    ours = new[log.is_touch[new]]
    touches = {log.keys[key] for key in (*log.key[ours].tolist(), *log.detail_key[ours].tolist()) if key >= 0}
    return News(
        times={**Counter(kinds), **Counter(detail for detail in details if detail is not None)},
        types=tuple(sorted(first, key=lambda kind: (first[kind], kind))),
        touches=frozenset(touches),
        detailed={kind: one for kind, (one, *more) in named.items() if one is not None and not more},
    )


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
