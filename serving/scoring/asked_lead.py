"""One lead that is to be scored, as a request or the store describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.events import event_log_of_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.events import EventLog
    from features.mapping import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLead:
    """One lead as a request describes it, or as the store does (`is_stored`).

    Times are microseconds UTC; `events` are rows as `features.events.event_log_of_rows` takes them, and
    `warnings` name what was ignored.
    """

    lead_id: str
    created_at: int
    as_of: int
    cells: dict[str, Any]
    events: Sequence[dict[str, Any]]
    warnings: tuple[str, ...]
    is_stored: bool = False


def names_beside_cells(mapping: Mapping) -> frozenset[str]:
    """Return the names under which a lead brings no columns: its id, its creation, what is excluded."""
    names = {"lead_id", mapping.leads.id, *mapping.leads.exclude}
    if mapping.is_dated:
        names |= {"created_at", mapping.leads.created_at or "created_at"}
    return frozenset(names)


def event_log_of(leads: Sequence[AskedLead], touches: frozenset[str]) -> EventLog:
    """Return the log of the events of leads, in their order."""
    return event_log_of_rows([lead.events for lead in leads], touches)
