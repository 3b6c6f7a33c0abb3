"""The names that the conditions of a policy may ask for, each with a value as it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decisions.policy.policy import Policy

OF_SCORE: dict[str, Any] = {
    "score": 50, "probability": 0.1, "fit_score": 50, "engagement_score": 50, "grade": "B2", "rung": "model",
    "confidence": "high", "base_rate": 0.1, "value": 10.0,
}  # fmt: skip
"""What the score says; on the points rung probability, base_rate and value are null, and where a model has no
events engagement_score is."""

OF_LEAD: dict[str, Any] = {
    "age_days": 10.0, "standing": "open", "stage_before": "MQL", "days_in_stage": 3.0, "owner": "",
    "returns": 0, "bant_budget": "yes", "bant_authority": "no", "bant_need": "unknown",
    "bant_timeline": "unknown", "bant_met": 1, "missing_fields": 0, "acts": 3, "days_since_act": 2.0,
}  # fmt: skip
"""What is known of a lead beside its columns and events; of one that is not stored nothing has happened yet.
`acts` are all its own, `days_since_act` is 36500 where there is none."""

DERIVED: dict[str, Any] = {
    "fit_ok": True, "over_threshold": False, "qualified": False, "contact_ended": False,
    "disqualified": False,
}  # fmt: skip
"""What the first answers lead to: for stages, routes and tracks, and for temperature but `over_threshold`."""

LAST: dict[str, Any] = {"temperature": "warm", "stage": "MQL"}
"""What is known when routes and tracks are asked for."""


def first_names(policy: Policy) -> dict[str, Any]:
    """Return the names that disqualifiers, channels, signals and segments may ask for."""
    kinds: dict[str, Any] = {
        "number": 1.0,
        "given": True,
        "yes_no": "unknown",
        "words": ["a"],
        "has_word": True,
    }
    of_columns = {name: kinds.get(one.kind, "") for name, one in policy.attributes.items()}
    of_events = {name: 1.0 if one.gives == "days_since" else 1 for name, one in policy.history.items()}
    own = {name: list(values) for name, values in policy.lists.items()} | dict(policy.numbers)
    return {**OF_SCORE, **OF_LEAD, **of_columns, **of_events, **own}


def later_names(policy: Policy) -> dict[str, Any]:
    """Return the names that temperature and stages may ask for."""
    signals = dict.fromkeys(policy.signals, True)
    segments = {f"segment_{name}": "" for name in policy.segments}
    return {**first_names(policy), **DERIVED, **signals, **segments, "temperature": "warm"}


def last_names(policy: Policy) -> dict[str, Any]:
    """Return the names that routes and tracks may ask for."""
    return {**later_names(policy), **LAST}
