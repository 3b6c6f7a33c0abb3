"""From a lead, its events and its score to the facts that a decision is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decisions.conditions import names_in
from decisions.deciding.attributes import AttributeReader
from decisions.deciding.facts import FRESH, Facts
from decisions.policy.checking import HAND_RAISED
from features.durations import DAY_US
from features.events import NO_TIME
from features.summaries import Summariser, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisions.deciding.facts import Held
    from decisions.policy import Policy
    from features.batch import LeadBatch
    from features.cells import CellRules
    from features.one_lead import OneLead
    from models.score import Score

ALWAYS = {"acts": Summary(), "days_since_act": Summary(gives="days_since")}
"""The summaries that every policy has, whatever it adds."""


class FactsReader:
    """Reads what one policy asks for: `wanted` attributes, and its summaries. Several threads may use it.

    The same lead alone, in a request, and among others, in a batch, has the same facts.
    """

    def __init__(self, policy: Policy, wanted: Sequence[str], rules: CellRules) -> None:
        own = {name: one.summary for name, one in policy.history.items()}
        self._attributes = AttributeReader(policy, wanted, rules)
        raised = Summary(keys=_raising(policy), gives="days_since")
        self._summariser = Summariser({**own, **ALWAYS, "days_since_raise": raised})
        self._names = tuple(own)

    def warm_up(self) -> None:
        """Have the kernel ready before somebody waits for it."""
        self._summariser.warm_up()

    def of_lead(self, lead: OneLead, score: Score) -> Facts:
        """Return the facts of a lead alone that is not stored."""
        said = self._summariser.of_lead(lead.events, lead.as_of)
        return self._facts(lead.created_at, lead.as_of, self._attributes.read(lead.cells), said, score, FRESH)

    def of_batch(
        self, batch: LeadBatch, scores: Sequence[Score | None], held: Sequence[Held] | None = None
    ) -> list[Facts]:
        """Return the facts of the leads of a batch, in order; None stands for a lead without a score."""
        summaries = self._summariser.of_log(batch.events, batch.owner, batch.as_of)
        attributes = self._attributes.read_columns(batch.cells, len(scores))
        stands = [FRESH] * len(scores) if held is None else held
        times = zip(batch.created_at.tolist(), batch.as_of.tolist(), strict=True)
        return [
            self._facts(created_at, as_of, of_columns, said, score, stood)
            for (created_at, as_of), of_columns, said, score, stood in zip(
                times, attributes, summaries, scores, stands, strict=True
            )
        ]

    def _facts(
        self,
        created_at: int,
        as_of: int,
        attributes: dict[str, Any],
        said: list[Any],
        score: Score | None,
        held: Held,
    ) -> Facts:
        *own, acts, days_since_act, days_since_raise = said
        age = None if created_at == NO_TIME else (as_of - created_at) / DAY_US
        history = dict(zip(self._names, own, strict=True))
        if score is None:
            return Facts(
                as_of=as_of, score=None, probability=None, fit_score=None, engagement_score=None, grade=None,
                rung=None, confidence=None, base_rate=None, age_days=age, attributes=attributes,
                history=history, acts=acts, days_since_act=days_since_act,
                days_since_raise=days_since_raise, held=held,
            )  # fmt: skip
        return Facts(
            as_of=as_of, score=score.score, probability=score.probability, fit_score=score.fit_score,
            engagement_score=score.engagement_score, grade=score.grade, rung=score.rung,
            confidence=score.confidence, base_rate=score.base_rate, age_days=age, attributes=attributes,
            history=history, acts=acts, days_since_act=days_since_act,
                days_since_raise=days_since_raise, held=held,
        )  # fmt: skip


def _raising(policy: Policy) -> frozenset[str]:
    """Return the events by which a lead raises its hand: those that the condition of the signal counts.

    Where it counts none, every act may be one.
    """
    counted = (policy.history.get(name) for name in names_in(policy.signals[HAND_RAISED].when))
    return frozenset().union(*(one.events for one in counted if one is not None))
