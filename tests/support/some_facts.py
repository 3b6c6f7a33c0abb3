"""Facts about leads that nobody has, for tests of decisions."""

from typing import Any

from decisions.advise import Advice, advice_of
from decisions.deciding import Decider, Facts
from decisions.deciding.attributes import unknown_values
from decisions.policy import Policy
from models.score import Score

DAY_US = 86_400_000_000
AS_OF = 1_795_253_400_000_000
DEFAULT = Policy()


def facts(policy: Policy = DEFAULT, **said: Any) -> Facts:
    """Return facts about a lead of which nothing is known but what is said, by the names of a policy.

    It has a score of a model's, fits, and acted once yesterday.
    """
    unknown = unknown_values(policy)
    attributes = {name: unknown[name] for name in [*policy.attributes, *map("bant_{}".format, policy.bant)]}
    history: dict[str, Any] = {
        name: 36_500.0 if one.gives == "days_since" else 0 for name, one in policy.history.items()
    }
    history |= {name: 1 for name in ("acts_30d", "acts_90d") if name in history}
    known: dict[str, Any] = {
        "as_of": AS_OF, "score": 50, "probability": 0.05, "fit_score": 60, "engagement_score": 50,
        "grade": "B2", "rung": "model", "confidence": "high", "base_rate": 0.06, "age_days": 20.0, "acts": 1,
        "days_since_act": 1.0,
    }  # fmt: skip
    for name, value in said.items():
        if name in attributes:
            attributes[name] = value
        elif name in history:
            history[name] = value
        else:
            known[name] = value
    return Facts(**known, attributes=attributes, history=history)


def advised(score: Score, policy: Policy = DEFAULT) -> Advice:
    """Return the advice about a lead of which nothing is known but its score, and one act yesterday."""
    given = {
        name: getattr(score, name)
        for name in (
            "as_of", "score", "probability", "fit_score", "engagement_score", "grade", "rung", "confidence",
            "base_rate",
        )
    }  # fmt: skip
    return advice_of(Decider(policy).decide(facts(policy, **given)))
