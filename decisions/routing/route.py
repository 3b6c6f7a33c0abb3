"""From a lead to a rep, step by step, with a trace that says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from decisions.routing.case import Routed, TraceStep
from decisions.routing.choosing import chosen_by_rule
from decisions.routing.names import listed
from decisions.routing.narrowing import narrowed
from decisions.routing.rep import NO_LOAD
from decisions.routing.taking import back_at, is_at_work, room_of, why_not_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from decisions.routing.case import Case
    from decisions.routing.policy import Routing, StepName
    from decisions.routing.rep import Load, Rep
    from decisions.routing.turns import Turns


def route(
    case: Case,
    reps: Iterable[Rep],
    loads: Mapping[str, Load],
    turns: Turns,
    policy: Routing,
    now: int,
) -> Routed:
    """Return where a lead goes now (microseconds UTC): the same arguments, the same answer, in any order.

    First the policy's steps that name somebody: the lead's or its duplicates' owner, the account's, a named
    account. An owner keeps it who is active, has room, and is at work within `owner_waits_hours`; else it
    goes on as if there were none. Then the members of the queue are narrowed step by step, and of those who
    are at work and have room the queue's rule chooses. Where nobody is, the queues that the queue names are
    asked in their order, and the fallback at last; where nobody can take it there either, it waits in its
    own queue, and an acknowledgement is asked of the marketing tool. A queue whose reps claim chooses
    nobody.
    """
    known = {rep.rep_id: rep for rep in sorted(reps, key=lambda rep: rep.rep_id)}
    asking = _Asking(case, known, loads, turns, policy, now)
    queue, trace = asking.decided_queue()
    for step in policy.naming_steps:
        owner, named_queue, words = asking.named(step)
        trace += words
        if owner is not None:
            return Routed(queue=queue, rep_id=owner.rep_id, by=step, trace=tuple(trace), turns=turns)
        queue = named_queue or queue
    return asking.among_members(queue, trace)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One routing, with all that it asks."""

    case: Case
    reps: Mapping[str, Rep]
    loads: Mapping[str, Load]
    turns: Turns
    policy: Routing
    now: int

    def decided_queue(self) -> tuple[str, list[TraceStep]]:
        """Return the queue of the decision, or the fallback where there is no such queue."""
        queue = self.case.queue
        if queue is not None and queue in self.policy.queues:
            return queue, [TraceStep("queue", f"The decision names the queue '{queue}'.")]
        fallback = self.policy.fallback_queue
        why = "The decision names no queue" if queue is None else f"There is no queue '{queue}'"
        return fallback, [TraceStep("queue", f"{why}: the fallback '{fallback}' takes it.")]

    def named(self, step: StepName) -> tuple[Rep | None, str | None, list[TraceStep]]:
        """Return the rep, or else the queue, that a step names, where it names one that takes the lead."""
        case = self.case
        if step == "named_accounts":
            to = self.policy.named_for(case.account_domain) if case.account_domain else None
            if to in self.policy.queues:
                words = f"{case.account_domain} is a named account of the queue '{to}'."
                return None, to, [TraceStep(step, words)]
            whose = {f"{case.account_domain} is a named account of": to}
        elif step == "account_owner":
            whose = {f"{case.account_domain or 'The company'} is an account of": case.account_owner}
        else:
            whose = {
                "The lead is already with": case.owner,
                "A duplicate of the lead is with": case.duplicates_owner,
            }
        trace: list[TraceStep] = []
        for words, rep_id in whose.items():
            if rep_id is None:
                continue
            rep, kept = self._keeps(rep_id, words)
            trace.append(TraceStep(step, kept, None if rep is None else (rep.rep_id,)))
            if rep is not None:
                return rep, None, trace
        return None, None, trace

    def _keeps(self, rep_id: str, words: str) -> tuple[Rep | None, str]:
        rep = self.reps.get(rep_id) or self._called(rep_id)
        if rep is None:
            return None, f"{words} '{rep_id}', who is not known here: others are asked."
        if rep.rep_id in self.case.barred:
            return None, f"{words} {rep.name}, from whom it was taken or who gave it back: others are asked."
        why_not = why_not_kept(rep, self.loads.get(rep.rep_id, NO_LOAD), self.policy, self.now)
        if why_not is not None:
            return None, f"{words} {rep.name}, who {why_not}: others are asked."
        return rep, f"{words} {rep.name}, who gets it."

    def _called(self, rep_id: str) -> Rep | None:
        """Return the rep of an id whose capitals are others: a CRM and a policy may write it so."""
        alike = (rep for rep in self.reps.values() if rep.rep_id.casefold() == rep_id.casefold())
        return next(alike, None)

    def among_members(self, first: str, trace: list[TraceStep]) -> Routed:
        """Return where the lead goes from a queue: to a member, on to other queues, or it waits."""
        rules = self.policy.queues[first]
        if rules.claim:
            return self._to_be_claimed(first, trace)
        look_again: list[int] = []
        for queue in dict.fromkeys((first, *rules.nobody_at_work, self.policy.fallback_queue)):
            members = self._members(queue)
            group, words = narrowed(self.case, members, self.policy)
            at_work = [rep for rep in group if is_at_work(rep, self.now)]
            trace += [self._who_is_in(queue, members, is_first=queue == first), *words]
            if self.policy.queues[queue].claim and at_work:
                return self._to_be_claimed(queue, trace)
            able = [rep for rep in at_work if not self._is_full(rep)]
            if members:
                trace += self._who_can(group, at_work, able)
            if able:
                return self._given(queue, group, able, trace)
            look_again += [
                at for rep in group if (at := back_at(rep, self.now)) is not None and at > self.now
            ]
        words_of_wait = f"Nobody can take it now: it waits in '{first}', and an acknowledgement is asked for."
        trace.append(TraceStep("wait", words_of_wait))
        return Routed(
            queue=first,
            rep_id=None,
            by="wait",
            trace=tuple(trace),
            turns=self.turns,
            look_again_at=min(look_again, default=None),
            asks_acknowledgement=True,
        )

    def _given(self, queue: str, group: Sequence[Rep], able: Sequence[Rep], trace: list[TraceStep]) -> Routed:
        rep, words, turns = chosen_by_rule(
            self.case, queue, group, able, self.loads, self.turns, policy=self.policy
        )
        by = self.policy.queues[queue].choose
        return Routed(queue=queue, rep_id=rep.rep_id, by=by, trace=(*trace, words), turns=turns)

    def _to_be_claimed(self, queue: str, trace: list[TraceStep]) -> Routed:
        words = TraceStep("claim", f"The reps of '{queue}' claim its leads: it waits for one of them.")
        return Routed(queue=queue, rep_id=None, by="claim", trace=(*trace, words), turns=self.turns)

    def _members(self, queue: str) -> list[Rep]:
        return [
            rep
            for rep in self.reps.values()
            if queue in rep.queues and rep.status != "left" and rep.rep_id not in self.case.barred
        ]

    def _who_is_in(self, queue: str, members: Sequence[Rep], *, is_first: bool) -> TraceStep:
        on = "Queue" if is_first else "On to the queue"
        words = f"{len(members)} reps may get it" if len(members) != 1 else "one rep may get it"
        return TraceStep("members", f"{on} '{queue}': {words}.", tuple(rep.rep_id for rep in members))

    def _is_full(self, rep: Rep) -> bool:
        return room_of(rep, self.policy).is_full(self.loads.get(rep.rep_id, NO_LOAD))

    def _who_can(self, group: Sequence[Rep], at_work: Sequence[Rep], able: Sequence[Rep]) -> list[TraceStep]:
        trace = []
        if len(at_work) < len(group):
            there = listed(at_work) if at_work else "nobody"
            words = f"At work now: {there}, of {len(group)}."
            trace.append(TraceStep("availability", words, tuple(rep.rep_id for rep in at_work)))
        if len(able) < len(at_work):
            room = listed(able) if able else "nobody"
            words = f"With room for one more: {room}, of {len(at_work)} at work."
            trace.append(TraceStep("capacity", words, tuple(rep.rep_id for rep in able)))
        return trace
