import math
from typing import Any

import numpy as np
import pytest
from cards import SPEC, cards, vectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.durations import DAY_US
from models.scorecard.points import BoundCard, BoundRule
from models.scorecard.points_card import PointsCard, Rule, Section, card_from

SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
POSITION = {feature.name: at for at, feature in enumerate(SPEC.features)}
EVERYTHING = Any


def a_card(*rules: dict[str, Any], cap: int | None = None, section: str = "behavioural") -> PointsCard:
    own = {"rules": list(rules)} | ({} if cap is None else {"cap": cap})
    return card_from({section: own})


def a_lead(**known: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.full((1, len(SPEC.features)), np.nan)
    for name, value in known.items():
        values[0, POSITION[name.replace("__", ".")]] = value
    return values


def passes(rule: Rule, value: float) -> bool:
    """The test of a rule, said once more by other means."""
    if math.isnan(value):
        return False
    feature = SPEC.features[POSITION[rule.feature]]
    if rule.at_least is not None:
        return not feature.is_category and value >= rule.at_least
    if feature.is_category:
        names = [*feature.vocabulary, "other"]
        return names[int(value)].casefold() in {str(one).casefold() for one in rule.values}
    if feature.measure in {"boolean", "contains"}:
        return any(one in {0, 1} and bool(one) == bool(value) for one in rule.values)
    return any(not isinstance(one, bool) and one == value for one in rule.values)


def stated(card: PointsCard, row: np.ndarray[Any, Any]) -> float:
    """The points of a lead by the words of the page: matching rules, decayed, capped section by section."""
    total = 0.0
    for name, section in card.sections:
        given = taken = 0.0
        for rule in section.rules:
            feature = SPEC.features[POSITION[rule.feature]]
            worth = float(rule.points)
            if rule.half_life is not None:
                clock = (
                    "buyer.step.days" if rule.feature.startswith("buyer") else f"{feature.about}.days_since"
                )
                if feature.is_of_column or clock not in POSITION:
                    continue
                days = row[POSITION[clock]]
                worth *= 1.0 if math.isnan(days) else 2.0 ** -(days * DAY_US / rule.half_life)
            if (name == "profile" and feature.family != "fit") or not passes(
                rule, row[POSITION[rule.feature]]
            ):
                continue
            given, taken = given + max(worth, 0.0), taken + min(worth, 0.0)
        total += (given if section.cap is None else min(given, section.cap)) + taken
    return total


@given(cards(), vectors())
@SLOW
def test_points_are_those_of_the_matching_rules_after_decay_and_caps(
    card: PointsCard, values: np.ndarray[Any, Any]
) -> None:
    points = BoundCard(card, SPEC).points(values)
    np.testing.assert_allclose(points, [stated(card, row) for row in values], rtol=0, atol=1e-6)


@given(cards(), vectors(), st.randoms())
@SLOW
def test_the_order_of_the_rules_changes_no_bit(
    card: PointsCard, values: np.ndarray[Any, Any], chance: Any
) -> None:
    shuffled = {}
    for name, section in card.sections:
        mixed = list(section.rules)
        chance.shuffle(mixed)
        shuffled[name] = Section(cap=section.cap, rules=tuple(mixed))
    one, other = BoundCard(card, SPEC), BoundCard(PointsCard(**shuffled), SPEC)
    assert one.contributions(values).tobytes() == other.contributions(values).tobytes()
    assert [rule.rule for rule in one.rules] == [rule.rule for rule in other.rules]


@given(cards(), vectors(rows=5))
@SLOW
def test_contributions_add_up_to_the_points_exactly_and_in_any_order(
    card: PointsCard, values: np.ndarray[Any, Any]
) -> None:
    bound = BoundCard(card, SPEC)
    contributions, points = bound.contributions(values), bound.points(values)
    for row, total in zip(contributions, points.tolist(), strict=True):
        assert math.fsum(row) == total
        forwards = backwards = 0.0
        for part in row.tolist():
            forwards += part
        for part in row[::-1].tolist():
            backwards += part
        assert forwards == backwards == total


@given(cards(), vectors(rows=5))
@SLOW
def test_one_row_and_many_give_the_same_bits(card: PointsCard, values: np.ndarray[Any, Any]) -> None:
    bound = BoundCard(card, SPEC)
    alone = np.concatenate([bound.contributions(values[row : row + 1]) for row in range(len(values))])
    assert alone.tobytes() == bound.contributions(values).tobytes()


@given(cards(), vectors(rows=4))
@SLOW
def test_no_lead_has_more_than_the_most(card: PointsCard, values: np.ndarray[Any, Any]) -> None:
    bound = BoundCard(card, SPEC)
    contributions = bound.contributions(values)
    for family in ("fit", "engagement"):
        of_family = contributions[:, SPEC.only(family)].sum(axis=1)  # type: ignore[arg-type]
        assert (of_family <= bound.most(family) + 1e-6).all()  # type: ignore[arg-type]


@given(cards())
@SLOW
def test_every_rule_is_bound_or_said_to_be_unmatched(card: PointsCard) -> None:
    bound = BoundCard(card, SPEC)
    written = sum(len(section.rules) for _, section in card.sections)
    assert len(bound.rules) + len(bound.unmatched) == written
    assert all(isinstance(rule, BoundRule) for rule in bound.rules)
    assert all(str(rule) for rule in bound.unmatched)


def test_points_halve_with_the_half_life() -> None:
    card = a_card({"feature": "page_view.count.ever", "at_least": 1, "points": 16, "half_life": "14 days"})
    for days, points in ((0.0, 16.0), (14.0, 8.0), (28.0, 4.0), (math.nan, 16.0)):
        lead = a_lead(page_view__count__ever=1.0, page_view__days_since=days)
        assert BoundCard(card, SPEC).points(lead).tolist() == [points]


def test_a_cap_is_shared_in_proportion_and_met_exactly() -> None:
    card = a_card(
        {"feature": "page_view.count.ever", "at_least": 1, "points": 20},
        {"feature": "page_view.pricing.count.ever", "at_least": 1, "points": 10},
        {"feature": "activity.days_since", "at_least": 30, "points": -7},
        cap=10,
    )
    lead = a_lead(page_view__count__ever=2.0, page_view__pricing__count__ever=1.0, activity__days_since=40.0)
    bound = BoundCard(card, SPEC)
    assert bound.points(lead).tolist() == [3.0]
    contributions = bound.contributions(lead)[0]
    assert contributions[POSITION["page_view.count.ever"]] == pytest.approx(20 / 3)
    assert contributions[POSITION["page_view.pricing.count.ever"]] == pytest.approx(10 / 3)
    assert contributions[POSITION["activity.days_since"]] == -7.0


@pytest.mark.parametrize(
    ("section", "rule", "why"),
    [
        ("stage", {"feature": "webinar.count.ever", "at_least": 1}, "no such feature"),
        ("profile", {"feature": "page_view.count.ever", "at_least": 1}, "the profile is about fit"),
        ("demographic", {"feature": "industry", "at_least": 1}, "a category has no order"),
        ("demographic", {"feature": "industry", "equals": "Mining"}, "known are Retail, banking"),
        ("demographic", {"feature": "employees", "equals": "many"}, "it is a number, not 'many'"),
        ("demographic", {"feature": "opted_in", "equals": "maybe"}, "it is a yes or no, not 'maybe'"),
        ("demographic", {"feature": "employees", "at_least": 1, "half_life": "2 days"}, "how long ago"),
        ("behavioural", {"feature": "touches.unanswered", "equals": 1}, "no such feature"),
    ],
)
def test_a_rule_that_can_never_match_is_said_with_the_reason(
    section: str, rule: dict[str, Any], why: str
) -> None:
    bound = BoundCard(a_card(rule | {"points": 5}, section=section), SPEC)
    assert bound.rules == ()
    assert why in bound.unmatched[0].why
    assert bound.points(a_lead(employees=3.0)).tolist() == [0.0]


def test_a_name_is_found_whatever_its_case_and_other_is_what_has_no_name() -> None:
    card = a_card({"feature": "industry", "in": ["RETAIL", "other"], "points": 5}, section="profile")
    codes = [BoundCard(card, SPEC).points(a_lead(industry=float(code)))[0] for code in range(4)]
    assert codes == [5.0, 0.0, 5.0, 5.0]


def test_decayed_points_of_many_rules_add_up_exactly_in_any_order() -> None:
    counts = [
        feature for feature in SPEC.features if feature.measure == "count" and feature.about != "touches"
    ]
    rules = [
        {"feature": feature.name, "at_least": 1, "points": 3 * at + 1, "half_life": f"{at + 5} days"}
        for at, feature in enumerate(counts)
    ]
    lead = a_lead(**{feature.name: 1.0 for feature in counts})
    for at, feature in enumerate(SPEC.features):
        if feature.measure == "days_since":
            lead[0, at] = 1.7 + at
    bound = BoundCard(a_card(*rules), SPEC)
    assert len(bound.rules) == len(counts) >= 16
    contributions = bound.contributions(lead)[0]
    generator = np.random.default_rng(1)
    for _ in range(50):
        total = 0.0
        for part in generator.permutation(contributions).tolist():
            total += part
        assert total == bound.points(lead)[0]
