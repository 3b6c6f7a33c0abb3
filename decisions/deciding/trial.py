"""Trying a policy out: whatever is known of a lead, something has to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decisions.deciding.attributes import unknown_values
from decisions.deciding.bant import PREFIX
from decisions.deciding.decide import Decider
from decisions.deciding.facts import Facts, Held
from decisions.policy.names import first_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decisions.policy import Policy

_AS_OF = 1_795_253_400_000_000


def trial_fault(policy: Policy) -> str | None:
    """Return what goes wrong where the policy decides about made-up leads; None where nothing does."""
    try:
        decider = Decider(policy)
        for facts in _leads(policy):
            decider.decide(facts)
    except Exception as problem:  # noqa: BLE001 - whatever a policy brings about, it is not put in force
        return (
            f"{type(problem).__name__}: {str(problem).splitlines()[0][:120]}"
            if str(problem)
            else repr(problem)
        )
    return None


def _leads(policy: Policy) -> Iterator[Facts]:
    """Yield leads of which everything is known, or nothing, below and above all thresholds."""
    unknown, known = unknown_values(policy), first_names(policy)
    questions = [PREFIX + question for question in policy.bant]
    names = [*policy.attributes, *questions]
    for values in (unknown, known | dict.fromkeys(questions, "yes")):
        for score in (None, 0, 99):
            for held in (Held(), Held(stage="MQL", since=0), Held(stage="recycled", since=0, by_sales=True)):
                yield _facts(policy, {name: values[name] for name in names}, score, held)


def _facts(policy: Policy, attributes: dict[str, Any], score: int | None, held: Held) -> Facts:
    history: dict[str, Any] = {
        name: 36_500.0 if one.gives == "days_since" else score or 0 for name, one in policy.history.items()
    }
    is_scored = score is not None
    return Facts(
        as_of=_AS_OF, score=score, probability=score / 100 if score is not None else None, fit_score=score,
        engagement_score=score, grade="B2" if is_scored else None, rung="model" if is_scored else None,
        confidence=None, base_rate=None, age_days=None, attributes=attributes, history=history,
        acts=score or 0, days_since_act=1.0 if score else 36_500.0, held=held,
    )  # fmt: skip
