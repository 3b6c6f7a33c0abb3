"""What is asked for when a deadline passes: of whom, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from decisions.clocks.lengths import in_words

if TYPE_CHECKING:
    from decisions.clocks.policy import ClockRules, Sla
    from decisions.clocks.schedule import Assigned, Deadline

Act = Literal["tell", "reassign", "return", "end"]
"""`tell`: nothing but the notice. `reassign`: another rep gets the lead; `return`: it goes back to its queue;
`end`: it leaves its stage."""

To = Literal["rep", "manager"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a deadline that has passed asks for: an act, and a notice to somebody.

    `notice` is its kind: reminder, escalation, reassigned, returned or ended. `stage`: into which the lead
    goes, where the act is `end`.
    """

    act: Act
    notice: str
    to: To
    words: str
    stage: str | None = None


def asked_for(due: Deadline, assigned: Assigned, clocks: ClockRules) -> Asked:
    """Return what a deadline asks for that was not met.

    A lead is reassigned as often as the policy's `hops` say, and then goes back to its queue.
    """
    found = clocks.sla_for(assigned.stage, assigned.temperature, assigned.segments)
    if due.kind in {"reminder", "follow_up", "end"}:
        return _of_follow_up(due, clocks)
    if found is None:  # the policy has changed since the timer was armed
        return Asked("tell", "reminder", "rep", "This lead waits for an answer.")
    return _of_answer(due, assigned, found[1])


def _of_answer(due: Deadline, assigned: Assigned, sla: Sla) -> Asked:
    counted = "of working time" if due.counted_in == "working" else "after it was assigned"
    allowed = {
        "acknowledge": sla.acknowledge,
        "escalate": sla.escalate_after,
        "reassign": sla.reassign_after,
        "first_contact": sla.first_contact,
        "accept": sla.accept,
    }
    late = f"{in_words(allowed.get(due.kind) or 0)} {counted}"
    if due.kind == "warning":
        left = in_words(sla.warn_before or 0)
        return Asked("tell", "reminder", "rep", f"Acknowledge this lead: {left} are left.")
    if due.kind == "acknowledge":
        return Asked("tell", "reminder", "rep", f"This lead was not acknowledged within {late}.")
    if due.kind == "escalate":
        return Asked("tell", "escalation", "manager", f"Nobody has acknowledged this lead within {late}.")
    if due.kind == "first_contact":
        return Asked("tell", "escalation", "manager", f"This lead was not contacted within {late}.")
    if due.kind == "accept":
        words = f"Sales has neither accepted nor rejected this lead within {late}."
        return Asked("tell", "escalation", "manager", words)
    if assigned.hops < sla.hops:
        words = f"Not acknowledged within {late}: another rep gets this lead."
        return Asked("reassign", "reassigned", "rep", words)
    words = f"Not acknowledged within {late}, after {_times(assigned.hops)}: it goes back to its queue."
    return Asked("return", "returned", "manager", words)


def _of_follow_up(due: Deadline, clocks: ClockRules) -> Asked:
    rules = clocks.follow_up.get(due.stage)
    count = len(rules.attempts) if rules is not None else due.step
    of_which = f"{due.step} of {max(count, due.step)} in stage {due.stage}"
    if due.kind == "reminder":
        return Asked("tell", "reminder", "rep", f"Follow-up {of_which} is due soon.")
    if due.kind == "follow_up":
        return Asked("tell", "reminder", "rep", f"Follow-up {of_which} is due now.")
    stage = rules.end if rules is not None else "recycled"
    waited = "" if rules is None or rules.end_after is None else f" within {in_words(rules.end_after)}"
    return Asked("end", "ended", "rep", f"Nobody was reached{waited}: the lead is {stage}.", stage)


def _times(count: int) -> str:
    return "1 change of rep" if count == 1 else f"{count} changes of rep"
