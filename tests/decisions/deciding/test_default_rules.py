"""Every rule of the default policy, each by a lead of which it decides something."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from some_facts import AS_OF, DAY_US, facts

from decisions.deciding import Decider, Decision, Held
from decisions.policy import Policy
from decisions.policy.checking import Place, conditions_of

DEFAULT = Policy()


class Case(NamedTuple):
    """What is known of a lead, what the rule makes of it, and what is seen in the trace (None: nothing)."""

    known: dict[str, Any]
    shows: Callable[[Decision], Any]
    expected: Any
    fired: str | None = None


def segment(dimension: str) -> Callable[[Decision], Any]:
    return lambda decision: decision.segments[dimension]


def stood(stage: str, days: float = 1.0, **more: Any) -> Held:
    return Held(stage=stage, since=AS_OF - round(days * DAY_US), **more)


QUIET: dict[str, Any] = {"acts_30d": 0, "acts_90d": 0, "acts": 3, "days_since_act": 95.0}
CASES: dict[str, Case] = {
    "disqualifiers.competitor.when": Case(
        {"relationship": "competitor"},
        lambda d: (d.action, d.category),
        ("out", "competitor"),
        "disqualifiers.competitor",
    ),
    "disqualifiers.student.when": Case(
        {"studies": True, "seniority": "other"},
        lambda d: (d.action, d.category, d.look_again_at),
        ("out", "student", AS_OF + 365 * DAY_US),
        "disqualifiers.student",
    ),
    "disqualifiers.outside_market.when": Case(
        {"country": "fr"}, lambda d: d.category, "outside the market", "disqualifiers.outside_market"
    ),
    "contact.ended_when": Case(
        {"do_not_contact": "yes"}, lambda d: (d.action, d.closed), ("out", ("email", "call")), "contact"
    ),
    "channels.email.closed_when": Case(
        {"email_consent": "no", "score": 90},
        lambda d: (d.action, d.closed),
        ("route", ("email",)),
        "channels.email",
    ),
    "channels.email.repair_when": Case(
        {"bounces_90d": 1},
        lambda d: d.asks,
        ("Mail to the address came back: ask for another address.",),
        "channels.email",
    ),
    "channels.call.closed_when": Case({"do_not_call": "yes"}, lambda d: d.closed, ("call",), "channels.call"),
    "signals.hand_raised.when": Case(
        {"score": 1, "fit_score": 1, "hand_raises": 1},
        lambda d: (d.action, d.stage),
        ("route", "SQL"),
        "signals.hand_raised",
    ),
    "signals.strong_intent.when": Case(
        {"pricing_14d": 3}, lambda d: d.temperature, "hot", "signals.strong_intent"
    ),
    "signals.product_use.when": Case(
        {"score": 10, "limits_hit_30d": 1},
        lambda d: (d.stage, d.track),
        ("PQL", "product"),
        "signals.product_use",
    ),
    "segments.size.cases.enterprise": Case({"employees": 1000}, segment("size"), "enterprise"),
    "segments.size.cases.mid": Case({"employees": 50}, segment("size"), "mid"),
    "segments.size.cases.small": Case({"employees": 49}, segment("size"), "small"),
    "segments.persona.cases.decides": Case({"seniority": "c-level"}, segment("persona"), "decides"),
    "segments.persona.cases.uses": Case({"seniority": "manager"}, segment("persona"), "uses"),
    "segments.engagement.cases.high": Case({"acts_30d": 10}, segment("engagement"), "high"),
    "segments.engagement.cases.medium": Case({"acts_30d": 3}, segment("engagement"), "medium"),
    "segments.engagement.cases.low": Case({"acts_30d": 1}, segment("engagement"), "low"),
    "segments.engagement.cases.none": Case({"acts_30d": 0}, segment("engagement"), "none"),
    "temperature.hot_when": Case({"demos_14d": 1}, lambda d: d.temperature, "hot", "temperature"),
    "stages.IQL.enter": Case(
        {"score": 49, "fit_score": 10}, lambda d: (d.stage, d.team), ("IQL", "marketing"), "stages.IQL.enter"
    ),
    "stages.IQL.leave": Case(QUIET | {"held": stood("IQL")}, lambda d: d.stage, None),
    "stages.MQL.enter": Case(
        {"score": 50}, lambda d: (d.stage, d.team, d.track), ("MQL", "marketing", "prove"), "stages.MQL.enter"
    ),
    "stages.MQL.leave": Case({"score": 40, "fit_score": 20, "held": stood("MQL")}, lambda d: d.stage, "IQL"),
    "stages.PQL.enter": Case(
        {"features_30d": 3, "score": 60}, lambda d: (d.stage, d.team), ("PQL", "product"), "stages.PQL.enter"
    ),
    "stages.PQL.leave": Case({"acts_30d": 0, "score": 10, "held": stood("PQL")}, lambda d: d.stage, "IQL"),
    "stages.SQL.enter": Case(
        {"score": 70},
        lambda d: (d.action, d.stage, d.substage, d.team),
        ("route", "SQL", "offered", "sales"),
        "stages.SQL.enter",
    ),
    "stages.SQL.leave": Case(
        {"score": 50, "held": stood("SQL")}, lambda d: (d.action, d.stage), ("nurture", "MQL")
    ),
    "stages.recycled.leave": Case(
        {"score": 60, "held": stood("recycled", 9.0, by_sales=True)}, lambda d: d.stage, "MQL"
    ),
    "routes.sales.when": Case({"score": 70}, lambda d: d.queue, "desk"),
    "tracks.ask_for_fields.when": Case(
        {"score": 80},
        lambda d: (d.action, d.track, d.rule),
        ("nurture", "ask_for_fields", "required"),
        "required",
    ),
    "tracks.recycled.when": Case(
        {"held": stood("recycled", 0.5, by_sales=True)}, lambda d: d.track, "recycled"
    ),
    "tracks.product.when": Case({"team_invites_30d": 1}, lambda d: d.track, "product"),
    "tracks.prove.when": Case({"score": 60}, lambda d: d.track, "prove"),
    "tracks.reactivate.when": Case(QUIET, lambda d: d.track, "reactivate"),
    "tracks.welcome.when": Case(
        QUIET | {"acts": 0, "days_since_act": 36_500.0}, lambda d: d.track, "welcome"
    ),
}
CHANGED: dict[str, dict[str, Any]] = {
    "disqualifiers.outside_market.when": {"lists": {"markets": ("de", "at"), "competitors": ()}},
    "tracks.ask_for_fields.when": {"required": {"fields": ("phone",)}},
    "routes.sales.when": {"routes": {"sales": {"when": "true", "queue": "desk"}}},
}
"""What a company sets for a rule to say anything: lists are empty at first, the one queue is the fallback."""


def policy_for(rule: str) -> Policy:
    return Policy.model_validate(DEFAULT.model_dump(mode="json", exclude_none=True) | CHANGED.get(rule, {}))


def without(policy: Policy, rule: str) -> Policy:
    """Return the policy with a condition that never holds in the place of the rule's."""
    content = policy.model_dump(mode="json", exclude_none=True)
    *path, last = rule.split(".")
    place = content
    for part in path:
        place = place[part]
    place[last] = "false"
    return Policy.model_validate(content)


def named(place: Place) -> str:
    return ".".join(map(str, place))


def test_every_rule_has_its_case() -> None:
    rules = {named(place) for part in conditions_of(DEFAULT) for place in part}
    assert rules == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_decides_and_without_it_something_else_is_decided(rule: str) -> None:
    case, policy = CASES[rule], policy_for(rule)
    given = facts(policy, **case.known)
    decision = Decider(policy).decide(given)
    assert case.shows(decision) == case.expected
    assert case.shows(Decider(without(policy, rule)).decide(given)) != case.expected


@pytest.mark.parametrize("rule", [rule for rule, case in CASES.items() if case.fired])
def test_the_trace_names_the_rule_in_words(rule: str) -> None:
    case, policy = CASES[rule], policy_for(rule)
    trace = Decider(policy).decide(facts(policy, **case.known)).trace
    [said, *_] = [fired.said for fired in trace if fired.rule == case.fired]
    assert said[:1].isupper()
    assert said.endswith(".")
    assert "_" not in said.replace("ask_for_fields", "")
