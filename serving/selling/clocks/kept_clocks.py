"""The clocks of a lead: what was due when in its assignments, and what was kept and what was missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from decisions.clocks.responses import response_times, status
from decisions.clocks.schedule import Deadline
from decisions.clocks.working_time import REP_ALWAYS
from serving.selling.clocks.held import held_of_lead
from serving.selling.clocks.working_hours import working_times
from serving.store.schema_selling import TIMERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from decisions.clocks.responses import Elapsed, Status
    from decisions.clocks.schedule import Kind
    from serving.selling.clocks.held import Held

NEWEST = 20
"""So many assignments of a lead are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerKept:
    """A timer: its deadline, how that stands, and when it fired, if it did."""

    deadline: Deadline
    status: Status
    fired_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksKept:
    """An assignment with its timers, those due first before others, and how soon it was answered."""

    held: Held
    timers: tuple[TimerKept, ...]
    response: Mapping[str, Elapsed | None]


def clocks_of_lead(connection: Connection, lead: int, now: int) -> list[ClocksKept]:
    """Return the clocks of a lead's newest assignments, the newest first.

    Deadlines are told as they were armed, also where policy or hours are others since.
    """
    assignments = held_of_lead(connection, lead, NEWEST)
    hours = working_times(connection, {one.rep for one in assignments if one.rep is not None})
    rows: dict[str, list[Row[Any]]] = {one.assignment_id: [] for one in assignments}
    timers = TIMERS.select().where(TIMERS.c.assignment.in_(list(rows)))
    for row in connection.execute(timers.order_by(TIMERS.c.due_at, TIMERS.c.kind, TIMERS.c.step)):
        rows[row.assignment].append(row)
    return [
        ClocksKept(
            held=one,
            timers=tuple(_timer(row, one, now) for row in rows[one.assignment_id]),
            response=response_times(one.assigned, hours.get(one.rep or "", REP_ALWAYS)),
        )
        for one in assignments
    ]


def _timer(row: Row[Any], held: Held, now: int) -> TimerKept:
    due = deadline_of(row)
    stands = status(due, held.assigned, now)
    if row.cancelled_at is not None and stands in {"running", "missed"} and row.met_at is None:
        stands = "over"  # asked for no more: the stage is another, or the lead is open no more
    return TimerKept(deadline=due, status=stands, fired_at=row.fired_at)


def deadline_of(row: Row[Any]) -> Deadline:
    """Return the deadline that a row of TIMERS holds."""
    return Deadline(
        kind=cast("Kind", row.kind),
        stage=row.stage,
        step=row.step,
        counted_in=row.counted_in,
        by_wall=row.due_by_wall,
        by_working=row.due_by_working,
        met_at=row.met_at,
    )
