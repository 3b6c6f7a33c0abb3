"""Bins of probability against what happened."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evidence.reliability import reliability
from training.measures import resampling


def drawn(rows: int, *, seed: int = 0, true_to: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels that follow probabilities (times `true_to`), and an owner of every two rows."""
    generator = np.random.default_rng(seed)
    probabilities = generator.beta(1, 9, rows)
    labels = (generator.random(rows) < probabilities * true_to).astype(np.float64)
    return labels, probabilities, np.arange(rows) // 2


def test_bins_rise_and_hold_every_row_once() -> None:
    labels, probabilities, owner = drawn(1_003)
    found = reliability(labels, probabilities, resampling(owner))
    assert [part.rows for part in found] == [101] * 3 + [100] * 7
    means = [part.probability for part in found]
    assert means == sorted(means)
    total = sum(part.rows * part.converted.value for part in found)
    assert total == pytest.approx(labels.sum())
    assert all(part.converted.low <= part.converted.value <= part.converted.high for part in found)


def test_true_probabilities_lie_in_the_intervals_and_halved_ones_do_not() -> None:
    def hits(true_to: float) -> int:
        labels, probabilities, owner = drawn(40_000, seed=3, true_to=true_to)
        found = reliability(labels, probabilities, resampling(owner))
        return sum(part.converted.low <= part.probability <= part.converted.high for part in found)

    assert hits(1.0) >= 8
    assert hits(0.5) <= 1


def test_rows_of_one_lead_are_no_news_to_each_other() -> None:
    labels, probabilities, _ = drawn(4_000, seed=5)
    alone = reliability(labels, probabilities, resampling(np.arange(4_000)))
    nine_times = resampling(np.repeat(np.arange(4_000), 9))
    copies = reliability(np.repeat(labels, 9), np.repeat(probabilities, 9), nine_times)
    for one, nine in zip(alone, copies, strict=True):
        assert nine.converted.value == pytest.approx(one.converted.value)
        assert nine.converted.high - nine.converted.low == pytest.approx(
            one.converted.high - one.converted.low, rel=0.3
        )


def test_a_bin_in_which_nobody_converts_leaves_room() -> None:
    labels, probabilities = np.repeat([0.0, 1.0], 50), np.linspace(0.01, 0.9, 100)
    first, *_ = reliability(labels, probabilities, resampling(np.arange(100)))
    assert (first.converted.value, first.converted.low) == (0.0, 0.0)
    assert first.converted.high > 0.2, "none of ten leads is not none of all"


@given(st.integers(0, 30), st.data())
def test_any_number_of_rows_gives_bins(rows: int, data: st.DataObject) -> None:
    cells = st.lists(st.sampled_from([0.0, 1.0]), min_size=rows, max_size=rows)
    labels = np.asarray(data.draw(cells))
    found = reliability(labels, np.full(rows, 0.1), resampling(np.arange(rows)))
    assert len(found) == min(rows, 10)
    assert sum(part.rows for part in found) == rows
