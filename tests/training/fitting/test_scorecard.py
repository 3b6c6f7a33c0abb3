from typing import Any

import numpy as np
import pytest
from cards import SPEC
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import Company, dated_company

from features.feature import Feature
from models.scorecard.points import BoundCard
from models.scorecard.points_card import MOST_POINTS, PointsCard
from training.fitting.scorecard import binned_feature, derived_card, edges_of
from training.measures import auc

NUMBER = Feature("employees", "number", "fit", "employees")
INDUSTRY = next(feature for feature in SPEC.features if feature.name == "industry")
ROWS = 400


def rows(seed: int, kind: Feature, effect: float) -> tuple[np.ndarray[Any, Any], ...]:
    """Return values of a feature, some not known, and labels that depend on them, with weights."""
    rng = np.random.default_rng(seed)
    values = (
        rng.integers(0, 4, ROWS).astype(float) if kind.is_category else np.round(rng.lognormal(3, 1, ROWS))
    )
    tendency = effect * (values if kind.is_category else np.log1p(values) - 3)
    labels = (rng.random(ROWS) < 1 / (1 + np.exp(1.5 - tendency))).astype(float)
    values[rng.random(ROWS) < 0.2] = np.nan
    return values, labels, rng.choice([0.5, 1.0], ROWS)


def of_spec(name: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return vectors of SPEC in which one feature alone is known."""
    vectors = np.full((len(values), len(SPEC.features)), np.nan)
    vectors[:, SPEC.names.index(name)] = values
    return vectors


@given(st.integers(0, 10_000), st.sampled_from([NUMBER, INDUSTRY]), st.floats(-1.5, 1.5))
@settings(max_examples=50, deadline=None)
def test_points_never_fall_where_the_log_odds_of_a_feature_rise(
    seed: int, kind: Feature, effect: float
) -> None:
    values, labels, weights = rows(seed, kind, effect)
    binned = binned_feature(kind, values, labels, weights)
    if binned is None:
        return
    card = BoundCard(derived_card(SPEC, of_spec(kind.name, values), labels, weights), SPEC)
    assert card.unmatched == ()
    points = []
    for one in sorted(binned.bins, key=lambda b: b.log_odds):
        held = (
            [INDUSTRY.vocabulary.index(one.names[0])]  # type: ignore[arg-type]
            if kind.is_category
            else [one.at_least]
        )
        points.append(card.points(of_spec(kind.name, np.asarray(held, float)))[0])
    assert points == sorted(points)
    assert all(float(p).is_integer() for p in points)
    unknown = card.points(of_spec(kind.name, np.asarray([np.nan])))
    assert unknown.tolist() == [0.0]


def test_log_odds_are_those_of_the_rows_of_a_bin_with_some_of_all_besides() -> None:
    values = np.repeat([0.0, 1.0, np.nan], [100, 50, 50])
    labels = np.concatenate([np.repeat([1.0, 0.0], [10, 90]), np.repeat([1.0, 0.0], [25, 25]), np.zeros(50)])
    binned = binned_feature(INDUSTRY, values, labels, np.ones(200))
    assert binned is not None
    share = 35 / 200
    wanted = [
        np.log((ones + 10 * share) / (zeros + 10 * (1 - share))) for ones, zeros in ((10, 90), (25, 25))
    ]
    assert [b.log_odds for b in binned.bins] == pytest.approx(wanted)
    assert [b.names for b in binned.bins] == [("Retail",), ("banking",)]
    assert binned.reference == pytest.approx(np.log(10 * share / (50 + 10 * (1 - share))))


def test_a_derived_card_tells_leads_apart_and_hands_over_about_a_tenth(company: Company) -> None:
    spec, learned = company.scorer.spec, company.examples
    values = company.history.vectors(spec, learned.lead, learned.as_of).values
    card = derived_card(spec, values, learned.label, learned.weight)
    bound = BoundCard(card, spec)
    assert bound.unmatched == ()
    assert "Derived in training" in str(card.origin)
    points = bound.points(values)
    assert auc(learned.label, points, learned.weight) > 0.65
    share = float(learned.weight[points >= card.threshold].sum() / learned.weight.sum())
    assert 0.06 < share < 0.14
    for _, section in card.sections:
        assert all(abs(rule.points) <= MOST_POINTS for rule in section.rules)


def test_the_same_rows_in_another_order_derive_the_same_card(company: Company) -> None:
    spec, learned = company.scorer.spec, company.examples
    values = company.history.vectors(spec, learned.lead, learned.as_of).values
    order = np.random.default_rng(1).permutation(len(learned))
    one = derived_card(spec, values, learned.label, np.ones(len(learned)))
    other = derived_card(spec, values[order], learned.label[order], np.ones(len(learned)))
    assert one == other


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_where_all_end_alike_there_are_no_points(label: float) -> None:
    values = of_spec("employees", np.arange(50.0))
    card = derived_card(SPEC, values, np.full(50, label), np.ones(50))
    assert card == PointsCard(origin=card.origin)


def test_edges_can_be_read_and_begin_at_or_below_the_least() -> None:
    values = np.random.default_rng(2).lognormal(4, 1, 500)
    edges = edges_of(values)
    assert edges[0] == 0.0
    assert edges == sorted(set(edges))
    assert all(float(f"{edge:.2g}") == edge for edge in edges)
    assert edges_of(np.asarray([-7.123, 2.0, 9.0]))[0] <= -7.123
    assert edges_of(np.empty(0)) == []


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company()
