"""What is due when for an assigned lead, by the wall and by working hours, and what has met it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from decisions.clocks.policy import ClockRules, CountedIn, FollowUp, Sla
    from decisions.clocks.working_time import WorkingTime

Kind = Literal[
    "warning",
    "acknowledge",
    "escalate",
    "reassign",
    "first_contact",
    "accept",
    "reminder",
    "follow_up",
    "end",
]
"""What a deadline is of. `warning` and `reminder` come before an acknowledgement and before a follow-up."""

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Contact:
    """A touch of a lead by a rep, and whether the lead was reached."""

    at: int
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A lead with a rep, and what has happened since. Moments are microseconds UTC.

    `stage`, `temperature` and `segments` are those of the assignment, `hops` how often the lead went from rep
    to rep before it. `stage_now` is where the lead is, since `stage_since`; None: where it was. `contacts` in
    order of time. `ended_at`: rejected, reassigned, won, lost, or otherwise over.
    """

    assigned_at: int
    stage: str | None = None
    temperature: str | None = None
    segments: Mapping[str, str] = field(default_factory=lambda: _NONE)
    hops: int = 0
    stage_now: str | None = None
    stage_since: int | None = None
    acknowledged_at: int | None = None
    accepted_at: int | None = None
    contacts: tuple[Contact, ...] = ()
    ended_at: int | None = None

    @property
    def first_contact_at(self) -> int | None:
        """When the lead was first contacted."""
        return self.contacts[0].at if self.contacts else None

    @property
    def taken_at(self) -> int | None:
        """When the rep first showed to have the lead: by saying so, by a contact, or by accepting it."""
        known = (self.acknowledged_at, self.first_contact_at, self.accepted_at)
        return min((at for at in known if at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A moment by which something is to be done. `step` counts follow-ups from 1, else it is 0.

    `by_working` is None where the rep is not seen to work so long. `met_at`: when it was done, or when nobody
    had to do it any more because the lead was reached.
    """

    kind: Kind
    step: int = 0
    stage: str = ""
    counted_in: CountedIn
    by_wall: int
    by_working: int | None
    met_at: int | None

    @property
    def due_at(self) -> int:
        """The one of both that counts. Whoever does not work is held to the wall."""
        return self.by_wall if self.counted_in == "wall" or self.by_working is None else self.by_working


def deadlines(assigned: Assigned, clocks: ClockRules, working: WorkingTime) -> tuple[Deadline, ...]:
    """Return all that is or was due in an assignment, in the order of its kinds.

    The same assignment, policy and hours give the same deadlines.
    """
    found = clocks.sla_for(assigned.stage, assigned.temperature, assigned.segments)
    answers = () if found is None else _answers(assigned, found[1], working)
    stage = assigned.stage if assigned.stage_now is None else assigned.stage_now
    rules = clocks.follow_up.get(stage or "")
    return tuple(chain(answers, () if rules is None else _follow_ups(assigned, stage or "", rules, working)))


def open_deadlines(assigned: Assigned, clocks: ClockRules, working: WorkingTime) -> tuple[Deadline, ...]:
    """Return the deadlines for which a timer has to run: none once the assignment is over."""
    if assigned.ended_at is not None:
        return ()
    return tuple(one for one in deadlines(assigned, clocks, working) if one.met_at is None)


def _answers(assigned: Assigned, sla: Sla, working: WorkingTime) -> Iterator[Deadline]:
    """Yield what a rep owes from the assignment on, and what happens where it is not done."""
    warning = None
    if sla.acknowledge is not None and sla.warn_before is not None:
        warning = sla.acknowledge - sla.warn_before
    asked: tuple[tuple[Kind, int | None, int | None], ...] = (
        ("warning", warning, assigned.taken_at),
        ("acknowledge", sla.acknowledge, assigned.taken_at),
        ("escalate", sla.escalate_after, assigned.taken_at),
        ("reassign", sla.reassign_after, assigned.taken_at),
        ("first_contact", sla.first_contact, assigned.first_contact_at),
        ("accept", sla.accept, assigned.accepted_at),
    )
    for kind, after_us, met_at in asked:
        if after_us is not None:
            yield Deadline(
                kind=kind,
                counted_in=sla.hours,
                by_wall=assigned.assigned_at + after_us,
                by_working=working.add(assigned.assigned_at, after_us),
                met_at=met_at,
            )


def _follow_ups(assigned: Assigned, stage: str, rules: FollowUp, working: WorkingTime) -> Iterator[Deadline]:
    """Yield the attempts of a stage and its end, once they can be counted."""
    start = _start(assigned)
    if start is None:
        return
    later = [contact for contact in assigned.contacts if contact.at > start]
    since = [contact for contact in assigned.contacts if contact.at >= start]
    reached_at = next((contact.at for contact in since if contact.reached), None)

    def due(kind: Kind, step: int, after_us: int, met_at: int | None) -> Deadline:
        by_wall, met = start + after_us, [at for at in (met_at, reached_at) if at is not None]
        return Deadline(
            kind=kind,
            step=step,
            stage=stage,
            counted_in=rules.hours,
            by_wall=by_wall,
            by_working=working.next_open(by_wall),
            met_at=min(met, default=None),
        )

    for step, after_us in enumerate(rules.attempts, start=1):
        made_at = later[step - 1].at if len(later) >= step else None
        if rules.remind_before is not None:
            yield due("reminder", step, after_us - rules.remind_before, made_at)
        yield due("follow_up", step, after_us, made_at)
    if rules.end_after is not None:
        yield due("end", 0, rules.end_after, None)


def _start(assigned: Assigned) -> int | None:
    """Return from when follow-ups are counted; None where the first contact is still owed."""
    has_moved = assigned.stage_now is not None and assigned.stage_now != assigned.stage
    if has_moved and assigned.stage_since is not None:
        return max(assigned.stage_since, assigned.assigned_at)
    return assigned.first_contact_at
