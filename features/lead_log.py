"""The events of one lead in one array: how a request brings them, and how a kernel takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from features.events import EventLog, event_log_of_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

OCCURRED_AT, KNOWN_AT, KEY, DETAIL_KEY, IS_TOUCH, VALUE = range(6)
"""The rows of a lead's log. The last holds the bits of float64, NaN where an event has no value."""

FIELDS = 6


class LeadLog(NamedTuple):
    """Events of one lead in any order, each once.

    `held` int64 (FIELDS or more, room): an event stands in a column of the first `size`, with what an
    `EventLog` says of it; the others are scratch. `keys` are the names of keys, as there.
    """

    held: NDArray[np.int64]
    size: int
    keys: tuple[str, ...]

    def in_order(self) -> EventLog:
        """Return the same events as the log of one owner."""
        rows = self.rows()
        return event_log_of_rows([rows], frozenset(row["type"] for row in rows if row["is_touch"]))

    def rows(self) -> list[dict[str, Any]]:
        """Return the events as `features.events.event_log_of_rows` takes them."""
        events = self.held[:FIELDS, : self.size]
        values = events[VALUE].view(np.float64).tolist()
        return [
            {
                "type": self.keys[key],
                "occurred_at": occurred_at,
                "known_at": known_at,
                "detail": None if detail < 0 else self.keys[detail][len(self.keys[key]) + 1 :],
                "value": None if np.isnan(value) else value,
                "is_touch": bool(is_touch),
            }
            for (occurred_at, known_at, key, detail, is_touch, _), value in zip(
                events.T.tolist(), values, strict=True
            )
        ]


NO_EVENTS = LeadLog(np.empty((FIELDS + 1, 0), np.int64), 0, ())
"""The log of a lead of whom no events are known."""
