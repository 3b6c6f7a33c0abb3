"""Frequencies of values: as scikit-learn counts them, and silent about what is missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.naive_bayes import CategoricalNB

from training.evidence.rivals.bayes import SMOOTHING, frequencies


@given(st.integers(0, 2**32 - 1), st.integers(10, 80))
def test_where_nothing_is_missing_it_is_scikit_learns(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (rows, 3)).astype(np.float64)
    codes[0] = 3.0
    labels = (rng.random(rows) < 0.4).astype(np.float64)
    labels[:2] = 0.0, 1.0
    theirs = CategoricalNB(alpha=SMOOTHING).fit(codes.astype(np.int64), labels)
    expected = theirs.predict_joint_log_proba(codes.astype(np.int64))
    assert frequencies(codes, labels)(codes) == pytest.approx(expected[:, 1] - expected[:, 0], abs=1e-9)


def test_a_missing_value_says_nothing() -> None:
    codes = np.asarray([[0.0], [0.0], [1.0], [np.nan], [np.nan]])
    labels = np.asarray([1.0, 1.0, 0.0, 1.0, 0.0])
    log_odds = frequencies(codes, labels)(np.asarray([[np.nan], [0.0], [1.0]]))
    assert log_odds[0] == pytest.approx(np.log(3 / 2))
    assert log_odds[1] > log_odds[0] > log_odds[2]
    without = frequencies(codes[:3], labels[:3])(codes[:1]) - np.log(2 / 1)
    assert log_odds[1] - np.log(3 / 2) == pytest.approx(without[0])


def test_a_value_that_was_never_seen_is_not_taken_for_one_that_was() -> None:
    codes, labels = np.asarray([[0.0]] * 6 + [[1.0]] * 6), np.repeat([1.0, 0.0], 6)
    log_odds = frequencies(codes, labels)(np.asarray([[0.0], [1.0], [7.0]]))
    assert log_odds[0] > 1.0
    assert log_odds[1] < -1.0
    assert log_odds[2] == pytest.approx(0.0)


def test_only_the_named_fields_count() -> None:
    codes, labels = np.asarray([[0.0], [0.0], [1.0], [1.0]]), np.asarray([1.0, 1.0, 0.0, 0.0])
    log_odds = frequencies(codes, labels, np.asarray([2]))
    vectors = np.asarray([[9.0, 9.0, 0.0], [1.0, np.nan, 0.0], [9.0, 9.0, 1.0]])
    assert log_odds(vectors)[0] == log_odds(vectors)[1] > log_odds(vectors)[2]
