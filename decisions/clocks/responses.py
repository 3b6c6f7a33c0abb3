"""How soon sales answered: what was kept and what was missed, by the wall and by working hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decisions.clocks.schedule import Assigned, Deadline
    from decisions.clocks.working_time import WorkingTime

Status = Literal["kept", "missed", "running", "over"]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """How long something took, or has been taking, in microseconds."""

    by_wall_us: int
    by_working_us: int


def elapsed(start: int, end: int, working: WorkingTime) -> Elapsed:
    """Return the time from `start` to `end`, both ways."""
    return Elapsed(end - start, working.between(start, end))


def response_times(assigned: Assigned, working: WorkingTime) -> dict[str, Elapsed | None]:
    """Return how long acknowledgement, first contact and acceptance took; None for what did not happen."""
    happened = {
        "acknowledge": assigned.taken_at,
        "first_contact": assigned.first_contact_at,
        "accept": assigned.accepted_at,
    }
    return {
        what: None if at is None else elapsed(assigned.assigned_at, at, working)
        for what, at in happened.items()
    }


def status(due: Deadline, assigned: Assigned, now: int) -> Status:
    """Return how a deadline stands: kept at or before its moment, missed after it, running, or over.

    Over: the assignment ended before its moment, so nobody owed it any more.
    """
    until = now if assigned.ended_at is None else min(now, assigned.ended_at)
    if due.met_at is not None and due.met_at <= until:
        return "kept" if due.met_at <= due.due_at else "missed"
    if until > due.due_at:
        return "missed"
    return "running" if assigned.ended_at is None else "over"
