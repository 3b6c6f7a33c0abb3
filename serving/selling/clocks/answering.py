"""What reps say of leads that they have: that they have taken them on, and when they contacted them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from serving.history.identity import locked
from serving.selling.clocks.timers import settle_timers
from serving.store.dialects import insert_into
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, REP_CONTACTS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from decisions.clocks.policy import ClockRules

Channel = Literal["phone", "email", "meeting", "message", "other"]
Outcome = Literal["reached", "left_message", "no_answer"]

CLOCKS_DIFFER_US = 600_000_000
"""A contact so little before its assignment is taken for one after it: others' clocks are not ours."""


class NotTheirsError(RuntimeError):
    """The lead is with nobody, or with another rep than the one that is named."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who has acknowledged a lead, and when; `is_new` where that was not known before."""

    assignment_id: str
    rep: str
    at: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMade:
    """A contact, as a rep says it. `at` in microseconds UTC."""

    rep: str | None
    at: int
    channel: Channel
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ContactKept:
    """What became of a contact: in which assignment it counts (None: in none), whether it is new, its id."""

    rep: str
    assignment_id: str | None
    is_new: bool
    contact_id: str = field(default="", compare=False)


def acknowledge(
    connection: Connection, lead: int, rep: str | None, at: int, clocks: ClockRules, now: int
) -> Acknowledged:
    """Note that a rep has taken a lead on; what was said first stands.

    Raises NotTheirsError where the lead is with nobody, or not with `rep` (None: whoever has it).
    """
    row = _live(connection, lead)
    if row is None or (rep is not None and rep != row.rep):
        raise NotTheirsError("the lead is not with this rep")
    if row.acknowledged_at is not None:
        return Acknowledged(row.id, row.rep, row.acknowledged_at, is_new=False)
    since = max(at, row.assigned_at)
    _changed(connection, row.id, clocks, now, acknowledged_at=since)
    return Acknowledged(row.id, row.rep, since, is_new=True)


def keep_contact(
    connection: Connection, lead: int, made: ContactMade, clocks: ClockRules, now: int
) -> ContactKept:
    """Keep a contact, once: one of the same rep, moment and channel is the same.

    It counts for the clocks where the rep has the lead, and had it then; a contact of somebody else is kept
    too. Raises NotTheirsError where no rep is named and nobody has the lead.
    """
    row = _live(connection, lead)
    rep = made.rep or (None if row is None else row.rep)
    if rep is None:
        raise NotTheirsError("the lead is with nobody")
    counts = row is not None and rep == row.rep and made.at > row.assigned_at - CLOCKS_DIFFER_US
    values: dict[str, Any] = {
        "id": secrets.token_hex(16),
        "lead": lead,
        "assignment": row.id if row is not None and counts else None,
        "rep": rep,
        "at": made.at,
        "known_at": now,
        "channel": made.channel,
        "outcome": made.outcome,
    }
    once = insert_into(connection, REP_CONTACTS).values(values).on_conflict_do_nothing()
    if connection.execute(once.returning(REP_CONTACTS.c.id)).first() is None:
        this = {name: values[name] for name in ("lead", "rep", "at", "channel")}
        known = connection.execute(REP_CONTACTS.select().filter_by(**this)).one()
        return ContactKept(rep, known.assignment, is_new=False, contact_id=known.id)
    if row is not None and counts:
        first = max(made.at, row.assigned_at)
        if row.contacted_at is None or first < row.contacted_at:
            _changed(connection, row.id, clocks, now, contacted_at=first)
        else:
            settle_timers(connection, [row.id], clocks, now)
    return ContactKept(rep, values["assignment"], is_new=True, contact_id=values["id"])


def contact_by_id(connection: Connection, contact_id: str) -> Row[Any] | None:
    """Return a contact that was kept; None where it was one with another, of leads that were merged."""
    return connection.execute(REP_CONTACTS.select().where(REP_CONTACTS.c.id == contact_id)).first()


def _live(connection: Connection, lead: int) -> Row[Any] | None:
    """Lock a lead, and return the assignment by which a rep has it now."""
    locked(connection, [lead], LEADS.c.number)
    live = (ASSIGNMENTS.c.lead == lead) & ASSIGNMENTS.c.ended_at.is_(None) & ASSIGNMENTS.c.rep.is_not(None)
    return connection.execute(ASSIGNMENTS.select().where(live)).one_or_none()


def _changed(connection: Connection, assignment_id: str, clocks: ClockRules, now: int, **values: int) -> None:
    connection.execute(sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == assignment_id).values(values))
    settle_timers(connection, [assignment_id], clocks, now)
