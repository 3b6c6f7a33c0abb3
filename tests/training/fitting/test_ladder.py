from dataclasses import replace

import numpy as np
import pytest
from cards import SPEC
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import RefusedError
from models.scorecard.points import BoundCard
from models.scorecard.points_card import card_from
from training.fitting.ladder import MODEL_CONVERSIONS, Rows, fitted_line, laddered, weight_of_model
from training.fitting.recipe import MIN_CONVERSIONS

CARD = card_from(
    {
        "profile": {"rules": [{"feature": "employees", "at_least": n, "points": 10} for n in range(1, 9)]},
        "behavioural": {"rules": [{"feature": "activity.count.7d", "at_least": 1, "points": 5}]},
    }
)


def census(seed: int = 1, slope: float = 0.05, rows: int = 3_000) -> Rows:
    """Return rows whose log-odds of converting are a line of the points of CARD."""
    rng = np.random.default_rng(seed)
    values = np.full((rows, len(SPEC.features)), np.nan)
    values[:, SPEC.names.index("employees")] = rng.integers(0, 9, rows)
    values[:, SPEC.names.index("activity.count.7d")] = rng.integers(0, 2, rows)
    points = BoundCard(CARD, SPEC).points(values)
    labels = (rng.random(rows) < 1 / (1 + np.exp(3 - slope * points))).astype(float)
    return Rows(values, labels, rng.integers(0, 5, rows))


@given(st.integers(MIN_CONVERSIONS, 300), st.integers(MIN_CONVERSIONS, 300))
def test_the_more_conversions_the_more_a_model_weighs(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert 0.0 < weight_of_model(few) <= weight_of_model(many) <= 1.0
    assert (weight_of_model(many) == 1.0) == (many >= MODEL_CONVERSIONS)


def test_from_a_hundred_conversions_on_nothing_is_blended() -> None:
    rows = census()
    ladder = laddered(SPEC, CARD, 100, rows)
    margins, contributions = np.arange(3.0), np.ones((3, len(SPEC.features)))
    assert ladder.blend is None
    assert ladder.margins(margins) is margins
    assert ladder.contributions(contributions, rows.values[:3], np.arange(3)) is contributions


@given(st.floats(0.01, 0.1), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_a_line_finds_the_log_odds_that_made_the_labels(slope: float, seed: int) -> None:
    rows = census(seed, slope, rows=20_000)
    line = fitted_line(BoundCard(CARD, SPEC).points(rows.values), rows.label)
    assert line.slope == pytest.approx(slope, abs=0.006)
    assert line.intercept == pytest.approx(-3, abs=0.3)


def test_a_card_that_speaks_against_the_facts_moves_nothing() -> None:
    rows = census()
    points = BoundCard(CARD, SPEC).points(rows.values)
    line = fitted_line(-points, rows.label)
    assert line.slope == 0.0
    assert 1 / (1 + np.exp(-line.intercept)) == pytest.approx(rows.label.mean(), abs=0.002)
    assert fitted_line(np.zeros(40), np.repeat([0.0, 1.0], 20)).slope == 0.0


def test_points_that_part_the_labels_give_a_finite_line() -> None:
    line = fitted_line(np.repeat([0.0, 50.0], 30), np.repeat([0.0, 1.0], 30))
    assert 0.0 < line.slope < 1.0


def test_out_of_fold_margins_are_weighed_with_lines_that_never_saw_their_rows() -> None:
    rows = census()
    ladder = laddered(SPEC, CARD, 40, rows)
    assert ladder.blend is not None
    points = BoundCard(CARD, SPEC).points(rows.values)
    of_model = np.random.default_rng(3).normal(size=len(points))
    for fold in range(5):
        own = rows.fold == fold
        line = fitted_line(points[~own], rows.label[~own])
        wanted = 0.4 * of_model[own] + 0.6 * (line.intercept + line.slope * points[own])
        np.testing.assert_allclose(ladder.margins(of_model)[own], wanted, atol=1e-12)
    # A row's own label moves its own margin not at all.
    changed = Rows(rows.values, np.where(rows.fold == 2, 1.0 - rows.label, rows.label), rows.fold)
    again = laddered(SPEC, CARD, 40, changed).margins(of_model)
    own = rows.fold == 2
    assert again[own].tobytes() == ladder.margins(of_model)[own].tobytes()
    assert not np.allclose(again[~own], ladder.margins(of_model)[~own])


def test_contributions_are_those_of_the_blend_with_the_line_of_the_other_folds() -> None:
    rows = census()
    ladder = laddered(SPEC, CARD, 40, rows)
    blend = ladder.blend
    assert blend is not None
    some = np.arange(0, 3_000, 7)
    of_model = np.random.default_rng(3).normal(size=(len(some), len(SPEC.features)))
    found = ladder.contributions(of_model, rows.values[some], some)
    points = BoundCard(CARD, SPEC).points(rows.values)
    for fold in range(5):
        own = rows.fold[some] == fold
        line = fitted_line(points[rows.fold != fold], rows.label[rows.fold != fold])
        wanted = replace(blend, line=line).contributions(of_model[own], rows.values[some][own])
        np.testing.assert_allclose(found[own], wanted, rtol=0, atol=1e-12)


def test_contributions_out_of_fold_add_up_to_the_margin_less_what_is_expected() -> None:
    rows = census()
    ladder = laddered(SPEC, CARD, 40, rows)
    every = np.arange(3_000)
    of_model = np.random.default_rng(3).normal(size=(3_000, len(SPEC.features)))
    found = ladder.contributions(of_model, rows.values, every).sum(axis=1)
    margins = ladder.margins(of_model.sum(axis=1))
    for fold in range(5):
        expected = (margins - found)[rows.fold == fold]
        np.testing.assert_allclose(expected, expected[0], rtol=0, atol=1e-12)


def test_too_few_conversions_are_refused_with_the_way_out() -> None:
    from small_company import dated_company

    from training.fitting.fit import fit_scorer
    from training.fitting.recipe import Recipe

    company = dated_company(120)
    ones = np.flatnonzero(company.examples.label == 1.0)[:5]
    few = np.isin(np.arange(len(company.examples)), ones) | (company.examples.label == 0.0)
    with pytest.raises(RefusedError, match="leadlens points"):
        fit_scorer(company.history, company.examples.where(few), company.census, Recipe())
