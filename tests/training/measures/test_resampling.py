"""The bootstrap over leads: its intervals, and what rows of one lead are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged_rows import judged

from training.measures import Figure, auc, logloss, measured, resampling


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


def test_a_mean_and_its_interval_are_those_of_the_plain_way() -> None:
    labels, p = a_sample(300)
    owner = np.arange(300) // 3

    def share(y: np.ndarray, _: np.ndarray, weights: np.ndarray) -> float:
        return float((y * weights).sum() / weights.sum())

    found, plain = resampling(owner).mean(labels), measured(share, labels, p, owner)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))


@given(judged(), st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_changes_no_mean(
    case: tuple[np.ndarray, np.ndarray, np.ndarray], seed: int
) -> None:
    _, values, _ = case
    owner = np.arange(len(values)) // 2
    mixed = np.random.default_rng(seed).permutation(len(values))
    one, other = resampling(owner).mean(values), resampling(owner[mixed]).mean(values[mixed])
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_differences_of_the_same_rows_are_paired() -> None:
    """Two measures that differ by a constant differ by it in every draw, however uncertain each is."""
    labels, _ = a_sample(100)
    draws = resampling(np.arange(100))
    difference = draws.mean((labels + 0.25) - labels)
    assert (difference.low, difference.high) == pytest.approx((0.25, 0.25))
    assert width(draws.mean(labels)) > 0.1


def test_a_draw_without_any_row_of_a_part_says_nothing_of_it() -> None:
    is_first = np.arange(40) == 0
    found = resampling(np.arange(40)).where(is_first).mean(np.ones(1))
    assert found == Figure(1.0, 1.0, 1.0)


def test_where_nobody_converts_the_interval_still_leaves_room() -> None:
    found = resampling(np.arange(40)).share(np.zeros(40))
    assert (found.value, found.low) == (0.0, 0.0)
    assert (1 - found.high) ** 40 == pytest.approx(0.025)
    of_four = resampling(np.arange(40) // 10).share(np.zeros(40))
    assert of_four.high > 0.5, "forty rows of four leads are four"
    everybody = resampling(np.arange(40)).share(np.ones(40))
    assert (everybody.low, everybody.value) == (1 - found.high, 1.0)
