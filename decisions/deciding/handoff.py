"""Whether a lead is over the threshold from which it is for sales."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from decisions.policy.checking import DEAL_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.deciding.facts import Facts
    from decisions.policy import Policy
    from models.score import Rung

SCORED_BY: dict[Rung, str] = {
    "points": "the points scorecard",
    "blend": "a blend of scorecard and model",
    "model": "a model",
}


class Over(NamedTuple):
    """Whether a lead is over its threshold, and the sentence that says so."""

    holds: bool
    said: str


def value_of(facts: Facts, policy: Policy) -> float | None:
    """Return what a lead is worth: probability x deal value - the cost of a touch. None: no probability."""
    if facts.probability is None:
        return None
    rules = policy.handoff.value
    deal = facts.attributes.get(DEAL_VALUE)
    return facts.probability * (rules.deal if deal is None else deal) - rules.touch_cost


def over_threshold(facts: Facts, policy: Policy, segments: Mapping[str, str], value: float | None) -> Over:
    """Return whether a lead is over the threshold of its segment.

    One that was over stays over until it falls below by the hysteresis.
    """
    if facts.score is None or facts.rung is None:
        return Over(False, "The lead has no score.")
    handoff, held = policy.handoff, facts.held
    own = next((one for one in handoff.segments if segments.get(one.dimension) == one.value), None)
    if handoff.by == "probability" and facts.probability is not None:
        least = handoff.probability if own is None or own.probability is None else own.probability
        return _over_probability(facts.probability, least, held.over_threshold, handoff.hysteresis)
    if handoff.by == "value" and value is not None:
        return _over_value(value, handoff.value.least, None if held.over_threshold else held.cut)
    if handoff.by == "capacity" and held.over_threshold:
        return Over(True, f"It was among the best {handoff.a_day} of the day on which it was handed over.")
    if handoff.by == "capacity" and held.cut is not None:
        holds = facts.score >= held.cut
        among = "is" if holds else "is not"
        return Over(holds, f"Score {facts.score} {among} among the best {handoff.a_day} of the day.")
    least = policy.threshold(facts.rung) if own is None or own.score is None else own.score
    return _over_score(facts.score, least, facts.rung, handoff.hysteresis if held.over_threshold else 0)


def _over_score(score: int, threshold: int, rung: Rung, hysteresis: int) -> Over:
    of_which = f"of {threshold} for a score by {SCORED_BY[rung]}"
    if score >= threshold:
        return Over(True, f"Score {score} reaches the threshold {of_which}.")
    if score >= threshold - hysteresis and hysteresis:
        return Over(
            True,
            f"Score {score} reached the threshold {of_which}, and is no more than {hysteresis} below it.",
        )
    return Over(False, f"Score {score} is below the threshold {of_which}.")


def _over_probability(probability: float, least: float, was_over: bool, hysteresis: int) -> Over:
    needed = least * (1 - hysteresis / 100) if was_over else least
    holds = probability >= needed
    said = "reaches" if probability >= least else "is just below" if holds else "is below"
    return Over(holds, f"A probability of {probability:.1%} {said} the threshold of {least:.1%}.")


def _over_value(value: float, least: float, cut: float | None) -> Over:
    needed = least if cut is None else max(least, cut)
    said = "reaches" if value >= needed else "is below"
    return Over(
        value >= needed, f"A value of {value:,.2f} {said} the {needed:,.2f} that a lead for sales is worth."
    )
