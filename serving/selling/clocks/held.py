"""Assignments of the store as clocks see them: what was assigned, and what has happened since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.clocks.schedule import Assigned, Contact
from serving.history.identity import IS_SHOWN
from serving.store.dialects import in_batches
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, REP_CONTACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

REACHED = "reached"
"""The outcome of a contact in which the lead was reached."""

_COLUMNS = (
    *ASSIGNMENTS.c,
    LEAD_STATES.c.stage.label("stage_now"),
    LEAD_STATES.c.stage_since,
    (IS_SHOWN & (LEADS.c.standing == "open")).label("lead_is_open"),
)
_FROM = ASSIGNMENTS.outerjoin(LEAD_STATES, LEAD_STATES.c.lead == ASSIGNMENTS.c.lead).outerjoin(
    LEADS, LEADS.c.number == ASSIGNMENTS.c.lead
)
_THESE: sa.BindParameter[list[str]] = sa.bindparam("these", expanding=True)
_HELD = sa.select(*_COLUMNS).select_from(_FROM).where(ASSIGNMENTS.c.id.in_(_THESE))
_MADE = (
    REP_CONTACTS.select()
    .where(REP_CONTACTS.c.assignment.in_(_THESE))
    .order_by(REP_CONTACTS.c.at, REP_CONTACTS.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An assignment by its id, and its rep; None while the lead waits in its queue.

    `is_running`: a rep has the lead, it is not taken away, and the lead is open.
    """

    assignment_id: str
    lead: int
    rep: str | None
    queue: str
    state: str
    assigned: Assigned
    is_running: bool


def held_by_id(connection: Connection, assignment_ids: Iterable[str]) -> dict[str, Held]:
    """Return assignments by id; one that is not known has none."""
    found: dict[str, Held] = {}
    for batch in in_batches(assignment_ids):
        rows = connection.execute(_HELD, {"these": batch}).all()
        found |= {one.assignment_id: one for one in _held(connection, rows)}
    return found


def held_of_lead(connection: Connection, lead: int, limit: int) -> list[Held]:
    """Return the newest assignments of a lead, the newest first."""
    found = sa.select(*_COLUMNS).select_from(_FROM).where(ASSIGNMENTS.c.lead == lead)
    newest = found.order_by(ASSIGNMENTS.c.assigned_at.desc(), ASSIGNMENTS.c.id.desc()).limit(limit)
    return _held(connection, connection.execute(newest).all())


def _held(connection: Connection, rows: Sequence[Row[Any]]) -> list[Held]:
    contacts: dict[str, list[Row[Any]]] = {}
    for contact in connection.execute(_MADE, {"these": [row.id for row in rows]}):
        contacts.setdefault(contact.assignment, []).append(contact)
    return [_one(row, contacts.get(row.id, [])) for row in rows]


def _one(row: Row[Any], contacts: Sequence[Row[Any]]) -> Held:
    return Held(
        assignment_id=row.id,
        lead=row.lead,
        rep=row.rep,
        queue=row.queue,
        state=row.state,
        assigned=Assigned(
            assigned_at=row.assigned_at,
            stage=row.stage,
            temperature=row.temperature,
            segments={name: str(value) for name, value in row.segments.items()},
            hops=row.hops,
            stage_now=row.stage_now,
            stage_since=row.stage_since,
            acknowledged_at=_since(row, row.acknowledged_at),
            accepted_at=_since(row, row.accepted_at),
            contacts=_contacts(row, contacts),
            ended_at=row.ended_at,
        ),
        is_running=row.rep is not None and row.ended_at is None and bool(row.lead_is_open),
    )


def _contacts(row: Row[Any], made: Sequence[Row[Any]]) -> tuple[Contact, ...]:
    found = [Contact(max(one.at, row.assigned_at), one.outcome == REACHED) for one in made]
    first = _since(row, row.contacted_at)
    if first is not None and (not found or first < found[0].at):
        found.insert(0, Contact(first))  # known from elsewhere than from a contact that was posted
    return tuple(found)


def _since(row: Row[Any], at: int | None) -> int | None:
    """Return a moment, not before the assignment: others' clocks may be behind ours."""
    return None if at is None else max(at, row.assigned_at)
