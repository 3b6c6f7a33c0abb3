"""The advice about a lead: what the decision says to whoever asked for a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from decisions.deciding import Decider, FactsReader
from decisions.policy.attributes import ROUTED_BY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisions.deciding import Decision, Facts, Held
    from decisions.deciding.decision import Temperature
    from decisions.deciding.settling import Settled
    from decisions.policy import Policy
    from features.batch import LeadBatch
    from features.cells import CellRules
    from features.one_lead import OneLead
    from models.score import Score


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a lead, in the order of the answer. What nothing decided is None, never a guess.

    It names a queue or a track, never a rep or a deadline: these are given once, to leads that are stored.
    """

    action: Literal["route", "nurture", "out", "none"]
    stage: str | None
    temperature: str
    queue: str | None
    track: str | None
    rule: str
    why: str


class Advisor:
    """Advises by one policy about leads whose cells are written by `rules`. Several threads may use it."""

    def __init__(self, policy: Policy, rules: CellRules) -> None:
        self.decider = Decider(policy)
        routed_by = [name for name in ROUTED_BY if name in policy.attributes]
        self.facts = FactsReader(policy, tuple(dict.fromkeys([*self.decider.needs, *routed_by])), rules)
        self._facts_alone = FactsReader(policy, self.decider.needs, rules)

    def of_each(self, leads: Sequence[OneLead], scores: Sequence[Score]) -> list[Advice]:
        """Return the advice about leads that are not stored, and that no rep is to be found for, in order.

        Each step is taken for all of them before the next, as elsewhere for leads that wait together.
        """
        facts = [self._facts_alone.of_lead(*pair) for pair in zip(leads, scores, strict=True)]
        return [_brief(*self.decider.settle(one)) for one in facts]

    def decisions(
        self, batch: LeadBatch, scores: Sequence[Score | None], held: Sequence[Held] | None = None
    ) -> list[tuple[Facts, Decision]]:
        """Return the decision about each lead of a batch, in order, with the facts that it was made from."""
        return [(facts, self.decider.decide(facts)) for facts in self.facts.of_batch(batch, scores, held)]


def advice_of(decision: Decision) -> Advice:
    """Return a decision as advice."""
    return _brief(decision, decision.temperature)


def _brief(said: Decision | Settled, temperature: Temperature) -> Advice:
    return Advice(
        action=said.action,
        stage=said.stage,
        temperature=temperature,
        queue=said.queue,
        track=said.track,
        rule=said.rule,
        why=said.why,
    )
