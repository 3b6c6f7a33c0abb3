"""Whether a rep can take a lead now: there at work, with room today and room at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decisions.routing.policy import Routing
    from decisions.routing.rep import Load, Rep

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """How many leads a rep may have open and be given in a day; None: without limit."""

    open: int | None
    a_day: int | None

    def is_full(self, load: Load) -> bool:
        """Return whether one more would be too many."""
        return self.why_full(load) is not None

    def why_full(self, load: Load) -> str | None:
        """Return why there is no room, None where there is."""
        if self.open is not None and load.open_now >= self.open:
            return f"has {load.open_now} open leads, of {self.open}"
        if self.a_day is not None and load.given_today >= self.a_day:
            return f"was given {load.given_today} leads today, of {self.a_day}"
        return None


def room_of(rep: Rep, policy: Routing) -> Room:
    """Return a rep's own limits, and the policy's where the rep states none."""
    stated, a_day = rep.capacity_open, rep.capacity_a_day
    return Room(
        policy.capacity_open if stated is None else stated, policy.capacity_a_day if a_day is None else a_day
    )


def is_at_work(rep: Rep, now: int) -> bool:
    """Return whether a rep is there: active, within working hours, not off."""
    return rep.status == "active" and (rep.hours is None or rep.hours.is_open(now))


def back_at(rep: Rep, now: int) -> int | None:
    """Return when a rep is there next, `now` where that is so; None where nobody can say."""
    if rep.status != "active":
        return None
    return now if rep.hours is None else rep.hours.next_open(now)


def why_not_kept(rep: Rep, load: Load, policy: Routing, now: int) -> str | None:
    """Return why an owner does not keep what comes, None where he or she does.

    Who is active, has room, and is at work or will be within `owner_waits_hours`, keeps it.
    """
    if rep.status != "active":
        return "has left" if rep.status == "left" else "is away"
    if (full := room_of(rep, policy).why_full(load)) is not None:
        return full
    back = back_at(rep, now)
    if back is None or back - now > policy.owner_waits_hours * HOUR_US:
        return f"is not at work within {policy.owner_waits_hours} hours"
    return None
