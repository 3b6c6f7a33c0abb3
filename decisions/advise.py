"""From a score to advice: route or nurture, by which rule, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from decisions.policy import Policy
    from models.score import Rung, Score

SCORED_BY: dict[Rung, str] = {
    "points": "the points scorecard",
    "blend": "a blend of scorecard and model",
    "model": "a model",
}


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a score, in the order of the answer. What nothing decided is None, never a guess."""

    action: Literal["route", "nurture"]
    stage: str | None = None
    temperature: str | None = None
    queue: str | None = None
    rule: str
    why: str


class Advisor(dict[tuple["Rung", int], Advice]):
    """The advice of a policy by rung and score: there are a hundred for each rung, and each is made once."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy

    def __missing__(self, key: tuple[Rung, int]) -> Advice:
        advice = self[key] = _made(*key, self._policy.threshold(key[0]))
        return advice


def advise(score: Score, policy: Policy) -> Advice:
    """Return the advice for a score. The same score and policy give the same advice."""
    return Advisor(policy)[score.rung, score.score]


def _made(rung: Rung, score: int, threshold: int) -> Advice:
    of_which = f"of {threshold} for a score by {SCORED_BY[rung]}."
    if score >= threshold:
        why = f"Score {score} reaches the threshold {of_which}"
        return Advice(action="route", rule=f"score >= {threshold} on the {rung} rung", why=why)
    why = f"Score {score} is below the threshold {of_which}"
    return Advice(action="nurture", rule=f"score < {threshold} on the {rung} rung", why=why)
