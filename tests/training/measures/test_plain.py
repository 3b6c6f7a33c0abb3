"""The measures, against scikit-learn and against what can be computed by hand."""

import numpy as np
import pytest
from hypothesis import given
from judged_rows import judged
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from training.measures import auc, average_precision, brier, calibration_error, logloss


@given(judged())
def test_the_measures_are_those_of_scikit_learn(
    case: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, p, weights = case
    assert auc(labels, p, weights) == pytest.approx(
        roc_auc_score(labels, p, sample_weight=weights), abs=1e-12
    )
    assert average_precision(labels, p, weights) == pytest.approx(
        average_precision_score(labels, p, sample_weight=weights), abs=1e-12
    )
    assert brier(labels, p, weights) == pytest.approx(
        brier_score_loss(labels, p, sample_weight=weights), abs=1e-12
    )
    theirs = log_loss(labels, p, sample_weight=weights, labels=[0.0, 1.0])
    assert logloss(labels, p, weights) == pytest.approx(theirs, rel=1e-12)


@given(judged())
def test_a_weight_counts_a_row_so_many_times(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    labels, p, weights = case
    times = weights.astype(np.int64)
    repeated = np.repeat(labels, times), np.repeat(p, times), np.ones(times.sum())
    for measure in (auc, average_precision, brier, logloss):
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
