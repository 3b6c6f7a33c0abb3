"""Timers that are due: what each asks for is written in the transaction that marks it as fired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from decisions.clocks.asking import asked_for
from serving.selling.clocks.held import held_by_id
from serving.selling.clocks.kept_clocks import deadline_of
from serving.selling.clocks.timers import AHEAD_OF, IS_PENDING, cancel_timers
from serving.store.schema import LEADS
from serving.store.schema_selling import NOTICES, REPS, TIMERS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from decisions.clocks.asking import Asked
    from decisions.clocks.policy import ClockRules
    from serving.selling.clocks.held import Held

MANAGERS = "managers"
"""To whom an escalation goes where the rep has no manager."""


class TakeAway(Protocol):
    """What takes a lead from its rep, as `serving.selling.giving.assigning.reassign`, or back to its queue.

    It ends the assignment, makes the next, and settles the timers of both, in the transaction it is given.
    """

    def __call__(self, connection: Connection, assignment_id: str, now: int, why: str) -> object:
        """Do so at `now` (microseconds UTC). `why` is for people."""
        ...


class EndStage(Protocol):
    """What takes a lead out of its stage, and ends its assignment."""

    def __call__(
        self, connection: Connection, assignment_id: str, now: int, why: str, *, stage: str
    ) -> object:
        """Do so at `now` (microseconds UTC). `stage` is where the lead goes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What timers may ask to be done beside telling somebody."""

    reassign: TakeAway
    give_back: TakeAway
    end_stage: EndStage


def fire_due(connection: Connection, lead: int, clocks: ClockRules, acts: Acts, now: int) -> int | None:
    """Fire the timers of a lead that are due by `now`, in their order, and return how many.

    The lead is locked. None where another transaction has locked it: it is to be looked for again. Nobody
    fires a timer twice, and what fires is whole: either it is marked and what it asks for is there, or
    neither is. A timer whose assignment is over, or whose lead is open no more, is cancelled instead; so is
    one that would announce what is due too by now, as after an outage.
    """
    if not _taken(connection, lead):
        return None
    due = TIMERS.select().where(TIMERS.c.lead == lead, IS_PENDING, TIMERS.c.due_at <= now)
    rows = connection.execute(due.order_by(TIMERS.c.due_at, TIMERS.c.made_at, TIMERS.c.id)).all()
    names = {(row.assignment, row.kind, row.stage, row.step) for row in rows}
    late = {row.id for row in rows if (row.assignment, AHEAD_OF.get(row.kind), row.stage, row.step) in names}
    if late:
        connection.execute(sa.update(TIMERS).where(TIMERS.c.id.in_(late)).values(cancelled_at=now))
    return sum(_fire(connection, row, clocks, acts, now) for row in rows if row.id not in late)


def _taken(connection: Connection, lead: int) -> bool:
    """Lock a lead, and return whether it is there for us."""
    row = sa.select(LEADS.c.number).where(LEADS.c.number == lead).with_for_update(skip_locked=True)
    return connection.execute(row).first() is not None


def _fire(connection: Connection, row: Row[Any], clocks: ClockRules, acts: Acts, now: int) -> bool:
    held = held_by_id(connection, [row.assignment]).get(row.assignment)
    if held is None or not held.is_running:
        cancel_timers(connection, row.assignment, now)
        return False
    here = sa.update(TIMERS).where(TIMERS.c.id == row.id, IS_PENDING).values(fired_at=now)
    if not connection.execute(here).rowcount:  # what another of them has asked for has cancelled it
        return False
    asked = asked_for(deadline_of(row), held.assigned, clocks)
    _tell(connection, row, held, asked, now)
    _act(connection, held, asked, acts, now)
    return True


def _act(connection: Connection, held: Held, asked: Asked, acts: Acts, now: int) -> None:
    if asked.act == "reassign":
        acts.reassign(connection, held.assignment_id, now, asked.words)
    elif asked.act == "return":
        acts.give_back(connection, held.assignment_id, now, asked.words)
    elif asked.act == "end" and asked.stage is not None:
        acts.end_stage(connection, held.assignment_id, now, asked.words, stage=asked.stage)


def _tell(connection: Connection, row: Row[Any], held: Held, asked: Asked, now: int) -> None:
    notice = {
        "lead": held.lead,
        "assignment": held.assignment_id,
        "kind": asked.notice,
        "to": held.rep if asked.to == "rep" else _manager(connection, held.rep),
        "text": asked.words,
        "at": now,
        "timer": row.id,
    }
    connection.execute(NOTICES.insert().values(notice))


def _manager(connection: Connection, rep: str | None) -> str:
    content = connection.execute(sa.select(REPS.c.content).where(REPS.c.id == rep)).scalar_one_or_none()
    manager = None if content is None else content.get("manager")
    return manager if isinstance(manager, str) and manager else MANAGERS
