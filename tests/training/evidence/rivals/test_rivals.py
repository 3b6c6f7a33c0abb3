"""Rivals are as strong as their kind can be: beating a straw man would prove nothing."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from small_company import Company, dated_company

from features.columns import Column
from features.spec import FeatureSpec
from models.scorecard.points_card import PointsCard, Rule, Section
from training.evidence.evidence import BASE_RATE, BAYES, COMPANY_CARD, REGRESSION, SCORECARD
from training.evidence.rivals import foretell
from training.evidence.rivals.bayes import by_naive_bayes
from training.evidence.rivals.foretell import by_rivals
from training.evidence.rivals.regression import by_regression
from training.evidence.rivals.rows import Rows
from training.evidence.rivals.scorecard import by_own_card, by_scorecard
from training.evidence.rivals.sigmoid import fit_sigmoid, out_of_fold
from training.measures import auc, logloss, recalibration


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company(900)


def a_spec(numbers: int, flags: int = 0) -> FeatureSpec:
    columns = [Column(name=f"n{i}", kind="number", family="fit") for i in range(numbers)]
    columns += [Column(name=f"b{i}", kind="boolean", family="fit") for i in range(flags)]
    return FeatureSpec(
        columns=tuple(columns),
        unused=(),
        event_keys=(),
        touch_keys=(),
        has_age=False,
        has_events=False,
        missing=(),
        decimal=".",
    )


def linear(rows: int, seed: int = 0) -> Rows:
    """Return rows whose log-odds are a line of two numbers, with gaps in the second."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 2))
    log_odds = values @ [1.0, -0.7] - 1.0
    labels = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    values[rng.random(rows) < 0.1, 1] = np.nan
    return Rows(values * [1_000.0, 0.01], labels, np.arange(rows) % 3)


def loss(labels: np.ndarray, p: np.ndarray) -> float:
    return logloss(labels, p, np.ones(len(p)))


def test_regression_finds_a_line_whatever_the_units() -> None:
    rows, tested = linear(4_000), linear(4_000, seed=1)
    found = by_regression(rows, tested.values, a_spec(2))
    assert found is not None
    full, asked = (np.nan_to_num(part.values / [1_000.0, 0.01]) for part in (rows, tested))
    expected = LogisticRegression(C=np.inf).fit(full, rows.labels).predict_proba(asked)[:, 1]
    assert loss(tested.labels, found.probabilities) < loss(tested.labels, expected) + 0.002
    assert "4,000 rows" in found.said


def test_regression_learns_from_what_is_missing() -> None:
    labels = np.r_[np.ones(200), np.zeros(600)]
    values = np.where(labels == 1.0, np.nan, 1.0)[:, None]
    found = by_regression(Rows(values, labels, np.arange(800) % 3), values, a_spec(1))
    assert found is not None
    assert auc(labels, found.probabilities, np.ones(800)) == 1.0
    assert by_regression(Rows(values * np.nan, labels, np.arange(800) % 3), values, a_spec(1)) is None


def test_one_odd_value_does_not_decide() -> None:
    rows, tested = linear(2_000), linear(2_000, seed=1)
    odd = rows.values.copy()
    odd[0, 0] = 1e12
    bent = by_regression(Rows(odd, rows.labels, rows.fold), tested.values, a_spec(2))
    far = by_regression(rows, tested.values * 1e6, a_spec(2))
    assert bent is not None
    assert far is not None
    straight = by_regression(rows, tested.values, a_spec(2))
    assert straight is not None
    assert loss(tested.labels, bent.probabilities) < loss(tested.labels, straight.probabilities) + 0.002
    assert far.probabilities.max() < 1.0 - 1e-4


def test_naive_bayes_is_calibrated_although_its_fields_repeat_one_another() -> None:
    """Ten copies of one field would multiply its word by ten; as probabilities they would be absurd."""
    rng = np.random.default_rng(0)
    flag = rng.integers(0, 2, 6_000).astype(np.float64)
    labels = (rng.random(6_000) < 0.2 + 0.3 * flag).astype(np.float64)
    values = np.repeat(flag[:, None], 10, axis=1)
    found = by_naive_bayes(Rows(values, labels, np.arange(6_000) % 3), values, a_spec(0, 10))
    assert found is not None
    assert recalibration(labels, found.probabilities, np.ones(6_000))[0] == pytest.approx(1.0, abs=0.05)
    assert by_naive_bayes(linear(50), np.zeros((1, 2)), a_spec(2)) is None


def test_a_sigmoid_holds_on_the_past_and_never_falls() -> None:
    rng = np.random.default_rng(2)
    scores = rng.normal(50, 20, 5_000)
    labels = (rng.random(5_000) < 1 / (1 + np.exp(3 - 0.04 * scores))).astype(np.float64)
    fitted = fit_sigmoid(scores, labels)(scores)
    assert fitted.mean() == pytest.approx(labels.mean(), abs=0.005)
    assert recalibration(labels, fitted, np.ones(5_000))[0] == pytest.approx(1.0, abs=0.02)
    backwards = fit_sigmoid(-scores, labels)(scores)
    assert np.ptp(backwards) == 0.0
    assert backwards[0] == pytest.approx(labels.mean(), abs=0.001)


def test_out_of_fold_no_row_is_scored_by_what_saw_its_fold() -> None:
    rows = linear(90)
    seen = []

    def fit(others: np.ndarray) -> Any:
        seen.append(others)
        return lambda values: np.full(len(values), float(len(seen)))

    scores = out_of_fold(rows, fit)
    for fold, others in enumerate(seen):
        assert (others == (rows.fold != fold)).all()
        assert (scores[rows.fold == fold] == fold + 1).all()


def test_the_companys_own_card_counts_as_it_is_written() -> None:
    rng = np.random.default_rng(4)
    flag = rng.integers(0, 2, 3_000).astype(np.float64)
    labels = (rng.random(3_000) < 0.1 + 0.4 * flag).astype(np.float64)
    rows, spec = Rows(flag[:, None], labels, np.arange(3_000) % 3), a_spec(0, 1)
    derived, ones = by_scorecard(rows, flag[:, None], spec), np.ones(3_000)
    assert auc(labels, derived.probabilities, ones) == pytest.approx(auc(labels, flag, ones))
    [feature] = spec.features
    card = PointsCard(demographic=Section(rules=(Rule(feature=feature.name, equals=True, points=30),)))
    own = by_own_card(rows, flag[:, None], spec, card)
    assert own.said.startswith("the company's own card")
    assert own.probabilities[flag == 1].mean() == pytest.approx(labels[flag == 1].mean(), abs=0.01)


def test_all_rivals_learn_from_the_past_and_beat_the_base_rate(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, is_past = company.scorer.spec, company.census.as_of < np.quantile(company.census.as_of, 0.5)
    past, later = company.census.where(is_past), company.census.where(~is_past)
    tested = company.history.vectors(spec, later.lead, later.as_of).values
    found = {rival.name: rival for rival in by_rivals(company.history, past, tested, spec, None)}
    assert list(found) == [BASE_RATE, SCORECARD, REGRESSION, BAYES]
    card = PointsCard(origin="says nothing")
    beside = {rival.name: rival for rival in by_rivals(company.history, past, tested, spec, card)}
    assert list(beside) == [BASE_RATE, SCORECARD, COMPANY_CARD, REGRESSION, BAYES]
    assert (beside[SCORECARD].probabilities == found[SCORECARD].probabilities).all(), "a card hides no rival"
    assert np.ptp(beside[COMPANY_CARD].probabilities) == 0.0
    assert found[BASE_RATE].probabilities == pytest.approx(past.label.mean())
    for name in (SCORECARD, REGRESSION):
        assert auc(later.label, found[name].probabilities, np.ones(len(later))) > 0.6
    monkeypatch.setattr(foretell, "MOST_ROWS", len(past) // 2)
    few = {rival.name: rival for rival in by_rivals(company.history, past, tested, spec, None)}
    assert few[BASE_RATE].probabilities[0] == found[BASE_RATE].probabilities[0]
    assert int(few[REGRESSION].said.split(", ")[-1].split(" ")[0].replace(",", "")) <= len(past) // 2


def test_numbers_as_large_as_doubles_go_are_foretold_with() -> None:
    rng = np.random.default_rng(3)
    values = np.stack([rng.normal(size=400), rng.choice([-1.7e308, 1.7e308], 400)], axis=1)
    labels = (values[:, 0] + rng.normal(size=400) > 0).astype(np.float64)
    found = by_regression(Rows(values, labels, np.arange(400) % 5), values, a_spec(2))
    assert found is not None
    assert auc(labels, found.probabilities, np.ones(400)) > 0.7
