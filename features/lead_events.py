"""The events of one lead as columns: how a request brings them, without an object for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.events import EventLog
from features.log_columns import EventColumns, in_order, packed

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadEvents:
    """Events of one lead in any order; each list has one element an event.

    `types` are texts, `occurred_at` and `known_at` int microseconds UTC, `details` texts or None, `values`
    finite floats or None, `event_ids` texts or None.
    """

    types: Sequence[str]
    occurred_at: Sequence[int]
    known_at: Sequence[int]
    details: Sequence[str | None]
    values: Sequence[float | None]
    event_ids: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.types)

    def rows(self) -> list[dict[str, Any]]:
        """Return the events as `features.events.event_log_of_rows` takes them."""
        names = ("type", "occurred_at", "known_at", "detail", "value", "event_id")
        columns = (
            self.types, self.occurred_at, self.known_at, self.details, self.values, self.event_ids,
        )  # fmt: skip
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def event_log_of_lead(events: LeadEvents, touches: frozenset[str]) -> EventLog:
    """Return the log of one lead, to the bit that which `event_log_of_rows` makes of the same events."""
    columns = EventColumns(events.occurred_at, events.known_at, events.types, events.details, events.values)
    offsets, occurred_at, known_at, value, key, detail_key, is_touch, keys = packed(
        [in_order(columns, events.event_ids, touches)], touches
    )
    return EventLog(
        offsets=offsets,
        occurred_at=occurred_at,
        known_at=known_at,
        key=key,
        detail_key=detail_key,
        is_touch=is_touch,
        value=value,
        keys=keys,
    )
