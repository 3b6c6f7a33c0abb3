"""One policy, decided again for leads through time: who is handed over to sales, when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median_low
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from decisions.deciding import Decider
from decisions.simulation.past import day_number
from decisions.simulation.room import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from decisions.deciding import Decision, Facts, Held
    from decisions.policy import Policy
    from decisions.simulation.past import Past

    Report = Callable[[int, int], None]
    """Told how many decisions are made, of how many."""

REPORTED_EVERY = 20_000


class Step(NamedTuple):
    """What was decided of a lead at a moment, as far as it is compared.

    `may`: nothing but a threshold can keep it from sales.
    """

    at: int
    action: Literal["route", "nurture", "out", "none"]
    queue: str | None
    temperature: str
    why: str
    may: bool
    hand_raised: bool


class Handover(NamedTuple):
    """A lead goes to sales: the decision before did not route it, or there was none.

    `place` is that of the moment among the lead's facts. `counts`: not before what happens is counted.
    """

    place: int
    at: int
    counts: bool
    decision: Decision


class Path(NamedTuple):
    """A lead under one policy: a step for each of its facts, and its handovers."""

    steps: tuple[Step, ...]
    handovers: tuple[Handover, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A past under one policy: `paths` in the order of its leads.

    `first` and `last` are the days of the first and last round that count, from 1970; `days` how many days
    all that count stand for: each those since the round before it, which `lengths` tells for each day.
    """

    policy: Policy
    paths: tuple[Path, ...]
    first: int
    last: int
    days: int
    lengths: dict[int, int]

    def length_of(self, at: int) -> int:
        """Return for how many days the round of a moment stands."""
        return self.lengths[day_number(at)]


def replay(past: Past, policy: Policy, report: Report | None = None) -> Replayed:
    """Decide about each lead at each of its moments, in the order of time.

    What a decision leaves behind (stage, since when, over the threshold or not) is held for the next one. All
    moments of a day are one round: policies by capacity or value hand over the best of it. The same past and
    policy give the same answer.
    """
    return _Replay(past, policy, report).run()


class _Replay:
    def __init__(self, past: Past, policy: Policy, report: Report | None) -> None:
        self._past, self._policy, self._report = past, policy, report
        self._decider = Decider(policy)
        self._room = Room(policy, past.share)
        self._steps: list[list[Step]] = [[] for _ in past.leads]
        self._handovers: list[list[Handover]] = [[] for _ in past.leads]
        self._held: list[_Left | None] = [None] * len(past.leads)
        self._done = 0

    def run(self) -> Replayed:
        rounds = list(self._rounds())
        days = [day for day, _ in rounds]
        since_last = [later - day for day, later in pairwise(days)]
        lengths = [median_low(since_last) if since_last else 1, *since_last]
        for (_, asked), length in zip(rounds, lengths, strict=False):
            self._round(asked, length)
        if self._report is not None:
            self._report(self._past.moments, self._past.moments)
        paths = [
            Path(tuple(steps), tuple(found))
            for steps, found in zip(self._steps, self._handovers, strict=True)
        ]
        counted = [at for at, day in enumerate(days) if day >= day_number(self._past.since)]
        return Replayed(
            policy=self._policy,
            paths=tuple(paths),
            first=days[counted[0]] if counted else 0,
            last=days[counted[-1]] if counted else 0,
            days=max(1, sum(lengths[at] for at in counted)),
            lengths=dict(zip(days, lengths, strict=False)),
        )

    def _rounds(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Yield each day with the leads and places that are asked on it, by moment, then by id."""
        leads = self._past.leads
        asked = [(lead, place) for lead, one in enumerate(leads) for place in range(len(one.facts))]
        asked.sort(key=lambda one: (leads[one[0]].facts[one[1]].as_of, leads[one[0]].lead_id))
        for day, group in groupby(asked, key=lambda one: day_number(leads[one[0]].facts[one[1]].as_of)):
            yield day, list(group)

    def _round(self, asked: Sequence[tuple[int, int]], days: int) -> None:
        """Decide about the leads of a round; then give the places that are left to the best that wait.

        Who goes to sales whatever the limit, as by a raised hand, takes a place. Among equals the one that is
        more likely to convert comes first, then the smaller id.
        """
        places = self._room.places(days) if self._room.is_limited else 0
        waiting: list[tuple[float, float, str, int, int, Facts, Decision]] = []
        for lead, place in asked:
            facts = self._facts(lead, place)
            decision = self._decider.decide(facts)
            worth = self._room.worth(facts, decision) if self._room.is_limited else None
            if worth is None:
                places -= self._note(lead, place, facts, decision)
                continue
            lead_id = self._past.leads[lead].lead_id
            waiting.append((-worth, -(facts.probability or 0.0), lead_id, lead, place, facts, decision))
        waiting.sort(key=lambda one: one[:3])
        for number, (negative, _, _, lead, place, facts, decision) in enumerate(waiting):
            if number >= places:
                self._note(lead, place, facts, decision)
                continue
            among_best = replace(facts, held=replace(facts.held, cut=-negative))
            self._note(lead, place, among_best, self._decider.decide(among_best))

    def _facts(self, lead: int, place: int) -> Facts:
        facts = self._past.leads[lead].facts[place]
        held = _carried(facts.held, self._held[lead], handed=bool(self._handovers[lead]))
        stands = replace(facts, held=held)
        if not self._room.is_limited:
            return stands
        return replace(facts, held=replace(held, cut=self._room.shut(stands)))

    def _note(self, lead: int, place: int, facts: Facts, decision: Decision) -> bool:
        """Keep a decision, and return whether by it the lead goes to sales."""
        before = self._steps[lead][-1].action if self._steps[lead] else None
        is_handover = decision.action == "route" and before != "route"
        if is_handover:
            counts = facts.as_of >= self._past.since
            self._handovers[lead].append(Handover(place, facts.as_of, counts, decision))
        self._steps[lead].append(_step(facts, decision, self._decider))
        self._held[lead] = _left(decision, facts, self._held[lead])
        self._done += 1
        if self._report is not None and self._done % REPORTED_EVERY == 0:
            self._report(self._done, self._past.moments)
        return is_handover


class _Left(NamedTuple):
    """What a decision leaves behind for the next one."""

    stage: str | None
    substage: str | None
    since: int | None
    over_threshold: bool
    qualified_at: int | None


_NOTHING_LEFT = _Left(None, None, None, over_threshold=False, qualified_at=None)


def _left(decision: Decision, facts: Facts, before: _Left | None) -> _Left:
    stays = before is not None and before.stage == decision.stage
    since = before.since if before is not None and stays else facts.as_of
    qualified_at = None if before is None else before.qualified_at
    if not decision.qualified:
        qualified_at = None
    elif qualified_at is None:
        qualified_at = facts.as_of
    return _Left(decision.stage, decision.substage, since, decision.over_threshold, qualified_at)


def _carried(recorded: Held, left: _Left | None, *, handed: bool) -> Held:
    """Return what is held at a moment: what people said, as it was; the rest from the decision before.

    What sales said of a lead is heeded only where the lead has been `handed` over here too.
    """
    if recorded.by_sales and handed:
        over = left is not None and left.over_threshold
        return replace(recorded, over_threshold=over, cut=None)
    stage, substage, since, over, qualified_at = _NOTHING_LEFT if left is None else left
    return replace(
        recorded,
        stage=stage,
        substage=substage,
        since=since,
        over_threshold=over,
        qualified_at=qualified_at,
        cut=None,
        by_sales=False,
        owner=recorded.owner if handed else "",
        returns=recorded.returns if handed else 0,
    )


def _step(facts: Facts, decision: Decision, decider: Decider) -> Step:
    fits = facts.fit_score is not None and facts.fit_score >= decider.policy.handoff.fit
    may = fits and decision.action in {"route", "nurture"} and not decider.lacks_required(facts)
    may = may and facts.held.standing == "open"
    return Step(
        facts.as_of, decision.action, decision.queue, decision.temperature, decision.why, may,
        decision.hand_raised,
    )  # fmt: skip
