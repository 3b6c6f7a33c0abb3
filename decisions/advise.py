"""From a score to advice: route or nurture, by which rule, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decisions.policy import Policy
    from models.score import Rung, Score

SCORED_BY: dict[Rung, str] = {
    "points": "the points scorecard",
    "blend": "a blend of scorecard and model",
    "model": "a model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a score. What nothing has decided is None, never a guess."""

    action: Literal["route", "nurture"]
    rule: str
    why: str
    stage: str | None = None
    temperature: str | None = None
    queue: str | None = None


def advise(score: Score, policy: Policy) -> Advice:
    """Return the advice for a score. The same score and policy give the same advice."""
    threshold = policy.threshold(score.rung)
    of_which = f"of {threshold} for a score by {SCORED_BY[score.rung]}."
    if score.score >= threshold:
        why = f"Score {score.score} reaches the threshold {of_which}"
        return Advice(action="route", rule=f"score >= {threshold} on the {score.rung} rung", why=why)
    why = f"Score {score.score} is below the threshold {of_which}"
    return Advice(action="nurture", rule=f"score < {threshold} on the {score.rung} rung", why=why)
