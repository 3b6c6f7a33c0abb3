"""Shares that converted: bands of score, and the base rate before and after."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.snapshots import Moments
from training.evidence.foretold import Judged
from training.evidence.shares import bands_of, base_rate_change
from training.measures import resampling


def rows(labels: np.ndarray, lead: np.ndarray | None = None) -> Moments:
    leads = np.arange(len(labels)) if lead is None else lead
    return Moments(leads.astype(np.int64), np.zeros(len(labels), np.int64), labels.astype(np.float64))


def a_past(leads: int) -> Any:
    return SimpleNamespace(owner=np.arange(leads, dtype=np.int64))


@given(st.integers(0, 2**32 - 1), st.integers(2, 200))
def test_bands_hold_every_row_once_and_what_converted_in_them(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    labels, scores = (rng.random(size) < 0.3).astype(np.float64), rng.integers(0, 100, size)
    tested = Judged(
        rows=rows(labels), probabilities=rng.random(size), scores=scores, rivals=(), segments=(), unreadable=0
    )
    found = bands_of(tested, resampling(np.arange(size), draws=20))
    assert sum(band.rows for band in found) == size
    assert sum(band.rows * band.converted.value for band in found) == pytest.approx(labels.sum())
    assert [(band.low, band.high) for band in found] == sorted(
        {(s // 10 * 10, s // 10 * 10 + 9) for s in scores.tolist()}
    )
    assert sum(band.rows * band.probability for band in found) == pytest.approx(tested.probabilities.sum())


def test_a_base_rate_that_moved_is_found_and_one_that_did_not_is_not() -> None:
    rng = np.random.default_rng(0)
    before, same, less = ((rng.random(3_000) < rate).astype(np.float64) for rate in (0.1, 0.1, 0.06))
    past = a_past(6_000)
    assert not base_rate_change(past, rows(before), rows(same, np.arange(3_000, 6_000))).has_moved
    found = base_rate_change(past, rows(before), rows(less, np.arange(3_000, 6_000)))
    assert found.has_moved
    assert (found.before.value, found.after.value) == (before.mean(), less.mean())
    of_thirty = base_rate_change(
        past, rows(before, np.arange(3_000) // 100), rows(less, 100 + np.arange(3_000) // 100)
    )
    assert of_thirty.before.high - of_thirty.before.low > 0.5 * (found.before.high - found.before.low)


def test_the_same_leads_before_and_after_are_resampled_together() -> None:
    """Whatever leads are drawn, each brings the same to both: nothing has moved, and nothing is in doubt."""
    labels = (np.random.default_rng(1).random(50) < 0.3).astype(np.float64)
    found = base_rate_change(a_past(50), rows(labels), rows(labels))
    assert not found.has_moved
    assert found.before == found.after
