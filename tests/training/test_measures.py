"""The measures, against scikit-learn and against what can be computed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from training.measures import Figure, auc, calibration_error, logloss, measured


@st.composite
def judged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of both kinds, probabilities with ties, whole weights with zeros."""
    size = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.integers(0, 2, size).astype(np.float64)
    labels[:2] = 0.0, 1.0
    probabilities = rng.choice(np.linspace(0, 1, draw(st.integers(2, 20))), size)
    weights = rng.integers(0, 4, size).astype(np.float64)
    weights[:2] = 1.0
    return labels, probabilities, weights


@given(judged())
def test_discrimination_and_log_loss_are_those_of_scikit_learn(
    case: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, p, weights = case
    assert auc(labels, p, weights) == pytest.approx(
        roc_auc_score(labels, p, sample_weight=weights), abs=1e-12
    )
    theirs = log_loss(labels, p, sample_weight=weights, labels=[0.0, 1.0])
    assert logloss(labels, p, weights) == pytest.approx(theirs, rel=1e-12)


@given(judged())
def test_a_weight_counts_a_row_so_many_times(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    labels, p, weights = case
    times = weights.astype(np.int64)
    repeated = np.repeat(labels, times), np.repeat(p, times), np.ones(times.sum())
    for measure in (auc, logloss):
        assert measure(labels, p, weights) == pytest.approx(measure(*repeated), rel=1e-12)


def test_discrimination_by_hand() -> None:
    labels, ones = np.asarray([0.0, 0.0, 1.0, 1.0]), np.ones(4)
    assert auc(labels, np.asarray([0.1, 0.2, 0.3, 0.4]), ones) == 1.0
    assert auc(labels, np.asarray([0.4, 0.3, 0.2, 0.1]), ones) == 0.0
    assert auc(labels, np.full(4, 0.5), ones) == 0.5
    assert auc(labels, np.asarray([0.1, 0.3, 0.3, 0.4]), ones) == 3.5 / 4


def test_a_certain_prediction_that_is_wrong_costs_much_but_not_infinity() -> None:
    wrong = logloss(np.asarray([1.0, 0.0]), np.asarray([0.0, 0.5]), np.ones(2))
    assert 10 < wrong < 40
    assert logloss(np.asarray([1.0, 0.0]), np.asarray([1.0, 0.0]), np.ones(2)) < 1e-12


def test_probabilities_that_are_right_by_construction_have_no_calibration_error() -> None:
    shares = (np.arange(10) + 1) / 20
    p = np.repeat(shares, 100)
    labels = np.concatenate([np.r_[np.ones(round(100 * s)), np.zeros(100 - round(100 * s))] for s in shares])
    assert calibration_error(labels, p, np.ones(1_000)) == pytest.approx(0.0, abs=1e-12)
    assert calibration_error(labels, p + 0.07, np.ones(1_000)) == pytest.approx(0.07, abs=1e-12)


def test_calibration_error_by_hand() -> None:
    labels = np.r_[np.zeros(50), np.ones(50)]
    p = np.r_[np.full(50, 0.2), np.full(50, 0.7)]
    assert calibration_error(labels, p, np.ones(100)) == pytest.approx((0.2 + 0.3) / 2)
    weights = np.r_[np.full(50, 4.0), np.ones(50)]
    assert calibration_error(labels, p, weights) == pytest.approx(0.8 * 0.2 + 0.2 * 0.3)


def test_the_order_of_rows_says_nothing_about_calibration() -> None:
    """Where nothing can be learned every probability is the same, and the file may be sorted by the label."""
    labels, p = np.r_[np.zeros(500), np.ones(500)], np.full(1_000, 0.5)
    assert calibration_error(labels, p, np.ones(1_000)) == 0.0
    tied = np.repeat([0.1, 0.5, 0.9], 334)[:1_000]
    mixed = np.random.default_rng(0).permutation(1_000)
    assert calibration_error(labels, tied, np.ones(1_000)) == pytest.approx(
        calibration_error(labels[mixed], tied[mixed], np.ones(1_000)), abs=1e-12
    )


def a_sample(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.random(rows)
    return (rng.random(rows) < p).astype(np.float64), p


def width(figure: Figure) -> float:
    return figure.high - figure.low


def test_an_interval_holds_its_value_and_the_same_seed_gives_the_same_one() -> None:
    labels, p = a_sample(400)
    for measure in (auc, logloss):
        figure = measured(measure, labels, p, np.arange(400))
        assert figure.low < figure.value < figure.high
        assert figure == measured(measure, labels, p, np.arange(400))
        assert figure != measured(measure, labels, p, np.arange(400), seed=1)


def test_more_leads_narrow_the_interval_and_more_rows_of_the_same_leads_do_not() -> None:
    labels, p = a_sample(300)
    single = measured(auc, labels, p, np.arange(300))
    eight = np.repeat(labels, 8), np.repeat(p, 8)
    of_the_same = measured(auc, *eight, np.repeat(np.arange(300), 8))
    as_if_independent = measured(auc, *eight, np.arange(2_400))
    assert of_the_same.value == pytest.approx(single.value)
    assert width(of_the_same) == pytest.approx(width(single), rel=1e-9)
    assert width(as_if_independent) < 0.5 * width(of_the_same)


def test_the_interval_covers_the_truth_about_as_often_as_it_claims() -> None:
    truth = 5 / 6  # labels drawn with probability p, p uniform: the chance that a 1 ranks above a 0
    figures = [measured(auc, *a_sample(200, seed), np.arange(200)) for seed in range(60)]
    covered = sum(figure.low <= truth <= figure.high for figure in figures)
    assert covered >= 52


def test_resamples_that_lack_a_label_are_left_out() -> None:
    labels, p = np.r_[1.0, np.zeros(30)], np.linspace(0, 1, 31)
    figure = measured(auc, labels, p, np.arange(31))
    assert 0.0 <= figure.low <= figure.high <= 1.0
    assert str(Figure(0.5, 0.25, 0.75)) == "0.5000 [0.2500, 0.7500]"
