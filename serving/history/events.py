"""Keeping events: each once, whatever comes again and in whatever order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from features.vocabulary import TOUCH_TYPES
from serving.history.identity import held
from serving.history.sameness import is_same_json
from serving.history.stale import mark_stale
from serving.history.standing import settle_standing, with_outcomes
from serving.store.database import BeginAgainError
from serving.store.dialects import in_batches, insert_into, is_sqlite
from serving.store.schema import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

EventState = Literal["kept", "repeated", "differs"]
CONTENT = ("lead", "occurred_at", "type", "value", "properties")
"""What makes two events with one id the same. When they became known does not."""

_CONTENT_COLUMNS = tuple(EVENTS.c[name] for name in CONTENT)


@dataclass(frozen=True, slots=True)
class EventSent:
    """An event as somebody sent it. Times are microseconds UTC; `known_at` is None for 'on arrival'."""

    lead_id: str
    type: str
    occurred_at: int
    event_id: str | None = None
    value: float | None = None
    properties: dict[str, Any] | None = None
    known_at: int | None = None


def keep_events(
    connection: Connection,
    events: Sequence[EventSent],
    now: int,
    touches: frozenset[str] = TOUCH_TYPES,
) -> list[EventState]:
    """Keep events that are not kept yet, and say of each what became of it.

    `repeated`: the same id and content are kept. `differs`: the id is kept with other content, which stays.
    An id that no lead has is announced; the events of a merged lead are its survivor's. Leads that got events
    are marked stale, and their standing is settled, with `touches` for the types that are no acts of a lead.
    Raises BeginAgainError where an id was kept by somebody else at the same time, and erased again.
    """
    owners = held(connection, (event.lead_id for event in events), now)
    rows = [_row(event, owners[event.lead_id], now) for event in events]
    first = _kept(connection, (event.event_id for event in events if event.event_id is not None))
    new = [row for row in rows if row["event_id"] is None or first.setdefault(row["event_id"], row) is row]
    if new and (raced := _insert(connection, new)):
        theirs = _kept(connection, raced)
        if theirs.keys() != raced:
            raise BeginAgainError("an event was kept and erased meanwhile")
        first |= theirs
    states = [_state(first.get(row["event_id"], row), row) for row in rows]
    leads = {row["lead"] for row, state in zip(rows, states, strict=True) if state == "kept"}
    mark_stale(connection, leads, now)
    if ended := with_outcomes(connection, leads):
        settle_standing(connection, ended, now, touches)
    return states


def _row(event: EventSent, lead: int, now: int) -> dict[str, Any]:
    return {
        "lead": lead,
        "occurred_at": event.occurred_at,
        "known_at": now if event.known_at is None else event.known_at,
        "type": event.type,
        "event_id": event.event_id,
        "value": event.value,
        "properties": event.properties,
    }


def _kept(connection: Connection, event_ids: Iterable[str]) -> dict[str | None, Mapping[str, Any]]:
    found: dict[str | None, Mapping[str, Any]] = {}
    for batch in in_batches(event_ids):
        query = sa.select(EVENTS.c.event_id, *_CONTENT_COLUMNS).where(EVENTS.c.event_id.in_(batch))
        found |= {row["event_id"]: row for row in connection.execute(query).mappings()}
    return found


def _state(first: Mapping[str, Any], row: Mapping[str, Any]) -> EventState:
    if first is row:
        return "kept"
    return "repeated" if all(is_same_json(first[name], row[name]) for name in CONTENT) else "differs"


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> set[str]:
    """Insert events, and return the ids that another transaction has kept meanwhile, for another lead."""
    if is_sqlite(connection):
        connection.execute(EVENTS.insert(), rows)
        return set()
    rows = sorted(rows, key=_by_id)  # so that two transactions with the same ids do not wait for one another
    new = insert_into(connection, EVENTS).on_conflict_do_nothing(index_elements=["event_id"])
    made = set(connection.execute(new.returning(EVENTS.c.event_id), rows).scalars())
    return {row["event_id"] for row in rows if row["event_id"] is not None} - made


def _by_id(row: Mapping[str, Any]) -> str:
    return row["event_id"] or ""
