"""Timers of assignments: armed, moved and cancelled as what has happened asks for, and found when due.

`settle_timers` is called in the transaction that changed what timers follow from: an assignment, what a rep
did, a stage, an end. So there is never a moment at which an assignment is kept and its timers are not.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.clocks.schedule import deadlines
from serving.history.identity import locked
from serving.selling.clocks.held import held_by_id
from serving.selling.clocks.working_hours import working_times
from serving.store.dialects import in_batches
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, TIMERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from decisions.clocks.policy import ClockRules
    from decisions.clocks.schedule import Deadline
    from serving.selling.clocks.held import Held

IS_PENDING = TIMERS.c.fired_at.is_(None) & TIMERS.c.cancelled_at.is_(None)

AHEAD_OF = {"warning": "acknowledge", "reminder": "follow_up"}
"""What is announced ahead of what."""

_OF_ASSIGNMENTS = TIMERS.select().where(TIMERS.c.assignment.in_(sa.bindparam("these", expanding=True)))
_NEW_TIMER = TIMERS.insert()

_Name = tuple[str, str, int]
"""What a timer is of: kind, stage, step."""


def settle_timers(
    connection: Connection, assignment_ids: Iterable[str], clocks: ClockRules, now: int
) -> None:
    """Let the timers of assignments stand as what has happened by `now` asks for.

    What is due and has no timer gets one, once and for all; what was met, or is asked for no more, is
    cancelled; what falls due at another moment is moved, as after time off. One that has fired stays fired.
    The leads are to be locked (`serving.history.identity.locked`): who fires their timers locks them too.
    """
    for batch in in_batches(assignment_ids, 1_000):
        held = held_by_id(connection, batch)
        hours = working_times(connection, {one.rep for one in held.values() if one.rep is not None})
        stood = _timers_of(connection, held)
        made: list[dict[str, Any]] = []
        changed: dict[tuple[tuple[str, Any], ...], list[str]] = {}
        for one in held.values():
            working = hours.get(one.rep or "")
            asked = [] if working is None else deadlines(one.assigned, clocks, working)
            before = stood.get(one.assignment_id, {})
            made += _new(one, asked, before, now)
            for row, values in _changes(one, asked, before, now):
                changed.setdefault(tuple(sorted(values.items())), []).append(row.id)
        for alike, ids in changed.items():
            connection.execute(sa.update(TIMERS).where(TIMERS.c.id.in_(ids)).values(dict(alike)))
        if made:
            connection.execute(_NEW_TIMER, made)


def settle_timers_of_leads(
    connection: Connection, leads: Iterable[int], clocks: ClockRules, now: int
) -> None:
    """Settle the timers of whoever has leads now, which are locked: they came into another stage."""
    for batch in in_batches(leads):
        live = ASSIGNMENTS.c.lead.in_(batch) & ASSIGNMENTS.c.ended_at.is_(None)
        found = connection.execute(sa.select(ASSIGNMENTS.c.id).where(live)).scalars().all()
        settle_timers(connection, found, clocks, now)


def settle_timers_of_reps(connection: Connection, reps: Iterable[str], clocks: ClockRules, now: int) -> None:
    """Move the timers of all that reps have now, whose hours, holidays or time off are others than before.

    The leads are locked here.
    """
    for batch in in_batches(reps):
        theirs = ASSIGNMENTS.c.rep.in_(batch) & ASSIGNMENTS.c.ended_at.is_(None)
        found = connection.execute(sa.select(ASSIGNMENTS.c.id, ASSIGNMENTS.c.lead).where(theirs)).all()
        locked(connection, {row.lead for row in found}, LEADS.c.number)
        settle_timers(connection, [row.id for row in found], clocks, now)


def cancel_timers(connection: Connection, assignment_id: str, now: int) -> int:
    """Cancel what is pending of an assignment, and return how many that were."""
    pending = sa.update(TIMERS).where(TIMERS.c.assignment == assignment_id, IS_PENDING)
    return connection.execute(pending.values(cancelled_at=now)).rowcount


def leads_with_due_timers(
    connection: Connection, now: int, limit: int, without: frozenset[int] = frozenset()
) -> list[int]:
    """Return at most `limit` leads with a timer that is due by `now`, those due first before others."""
    found = sa.select(TIMERS.c.lead, sa.func.min(TIMERS.c.due_at).label("first"))
    due = found.where(IS_PENDING, TIMERS.c.due_at <= now, TIMERS.c.lead.not_in(sorted(without)))
    ordered = due.group_by(TIMERS.c.lead).order_by("first", TIMERS.c.lead).limit(limit)
    return [row.lead for row in connection.execute(ordered)]


def _timers_of(connection: Connection, assignment_ids: Iterable[str]) -> dict[str, dict[_Name, Row[Any]]]:
    found: dict[str, dict[_Name, Row[Any]]] = {}
    for row in connection.execute(_OF_ASSIGNMENTS, {"these": list(assignment_ids)}):
        found.setdefault(row.assignment, {})[row.kind, row.stage, row.step] = row
    return found


def _new(
    one: Held, asked: Sequence[Deadline], before: dict[_Name, Row[Any]], now: int
) -> Iterator[dict[str, Any]]:
    """Yield the rows of timers that are not there yet. What was met already is kept for the record."""
    if not one.is_running:
        return
    for due in asked:
        if _name(due) not in before:
            yield {
                "id": secrets.token_hex(16),
                "lead": one.lead,
                "assignment": one.assignment_id,
                "kind": due.kind,
                "stage": due.stage,
                "step": due.step,
                "made_at": now,
                "fired_at": None,
                "cancelled_at": None if due.met_at is None else now,
                "met_at": due.met_at,
                **_moments(due),
            }


def _changes(
    one: Held, asked: Sequence[Deadline], before: dict[_Name, Row[Any]], now: int
) -> Iterator[tuple[Row[Any], dict[str, Any]]]:
    """Yield timers that stand otherwise now, each with what changes."""
    by_name = {_name(due): due for due in asked}
    for name, row in before.items():
        due = by_name.get(name)
        announced = before.get((AHEAD_OF.get(row.kind, ""), row.stage, row.step))
        is_told = announced is not None and announced.fired_at is not None
        is_over = due is None or is_told or not one.is_running
        values = _over(row, now) if due is None or is_over else _standing(row, due, now)
        if due is not None and due.met_at is not None and row.met_at is None:
            values |= {"met_at": due.met_at, **_over(row, now)}
        if values:
            yield row, values


def _over(row: Row[Any], now: int) -> dict[str, Any]:
    return {"cancelled_at": now} if row.fired_at is None and row.cancelled_at is None else {}


def _standing(row: Row[Any], due: Deadline, now: int) -> dict[str, Any]:
    """Return what changes of the timer of a deadline that is asked for."""
    if row.fired_at is not None or row.met_at is not None:
        return {}
    values: dict[str, Any] = {
        name: value for name, value in _moments(due).items() if getattr(row, name) != value
    }
    if row.cancelled_at is not None and due.met_at is None:
        values |= {"cancelled_at": None, "made_at": now}  # it was asked for no more, and is again
    return values


def _moments(due: Deadline) -> dict[str, Any]:
    return {
        "counted_in": due.counted_in,
        "due_at": due.due_at,
        "due_by_wall": due.by_wall,
        "due_by_working": due.by_working,
    }


def _name(due: Deadline) -> _Name:
    return due.kind, due.stage, due.step
