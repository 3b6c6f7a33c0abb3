"""Two versions on the same rows: laws of the difference, of the bands and of what may be compared."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.measures import Figure
from training.promotion.comparison import (
    Comparison,
    Foretold,
    IncomparableError,
    Labelled,
    compare,
    comparison_from,
)
from training.promotion.gates import grades_gate, log_loss_gate
from training.promotion.stability import BANDS, rows_by_band, stability_index

counts = st.lists(st.integers(0, 5_000), min_size=BANDS, max_size=BANDS)


def rows(leads: int = 200, seed: int = 1) -> tuple[Labelled, np.ndarray]:
    """Rows with true probabilities, two of each lead."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(rng.uniform(0.05, 0.9, leads), 2)
    return Labelled((rng.random(2 * leads) < truth).astype(float), np.repeat(np.arange(leads), 2)), truth


def said(p: np.ndarray) -> Foretold:
    ranks = np.argsort(np.argsort(p)) / len(p)
    return Foretold(p, np.minimum(99, (100 * ranks).astype(np.int64)))


def beside(before: Foretold, after: Foretold, of: Labelled) -> Comparison:
    return compare(before, after, of, champion=4, how="twins", said="a test")


@given(st.integers(0, 2**16))
@settings(max_examples=20, deadline=None)
def test_a_version_beside_itself_differs_by_nothing_and_passes(seed: int) -> None:
    of, truth = rows(seed=seed)
    found = beside(said(truth), said(truth), of)
    assert found.difference == Figure(0.0, 0.0, 0.0)
    assert (found.stability, found.moved) == (0.0, 0.0)
    assert log_loss_gate(found).passed
    assert grades_gate(found).passed


def test_what_knows_less_is_worse_with_confidence_and_the_other_way_round_better() -> None:
    of, truth = rows(leads=2_000)
    blind = np.full(len(truth), truth.mean())
    worse, better = beside(said(truth), said(blind), of), beside(said(blind), said(truth), of)
    assert worse.difference.low > 0.0
    assert not log_loss_gate(worse).passed
    assert "worse with confidence" in log_loss_gate(worse).said
    assert log_loss_gate(better).passed
    assert better.difference.value == pytest.approx(-worse.difference.value)
    assert worse.challenger_log_loss - worse.champion_log_loss == pytest.approx(worse.difference.value)


def test_rows_of_one_lead_are_no_news_to_each_other() -> None:
    of, truth = rows(leads=300)
    noisy = np.clip(truth + np.random.default_rng(2).normal(0, 0.1, len(truth)), 0.01, 0.99)
    once = beside(said(truth), said(noisy), of).difference
    many = Labelled(np.tile(of.label, 5), np.tile(of.owner, 5))
    again = beside(said(np.tile(truth, 5)), said(np.tile(noisy, 5)), many).difference
    assert (again.low, again.high) == pytest.approx((once.low, once.high))


def test_too_few_of_either_label_are_not_compared() -> None:
    of, truth = rows(leads=60)
    few = Labelled(np.where(of.owner < 19, of.label, 0.0), of.owner)
    with pytest.raises(IncomparableError, match=r"Of 60 leads that neither version has seen \d+ convert"):
        beside(said(truth), said(truth), few)
    with pytest.raises(IncomparableError, match=r"Of 60 leads .* 60 convert"):
        beside(said(truth), said(truth), Labelled(np.ones(len(of.label)), of.owner))


def test_a_comparison_survives_json() -> None:
    of, truth = rows()
    found = beside(said(truth), said(truth**1.2), of)
    assert comparison_from(json.loads(json.dumps(found.to_dict()))) == found


@given(counts, counts)
def test_the_stability_index_is_a_distance_of_shares(before: list[int], after: list[int]) -> None:
    index = stability_index(before, after)
    assert index >= 0.0
    assert index == pytest.approx(stability_index(after, before))
    assert stability_index(before, before) == 0.0
    assert np.isfinite(index)


def test_the_stability_index_by_hand_and_its_bands() -> None:
    before, after = [1_000_000] * BANDS, [2_000_000, 0, *[1_000_000] * (BANDS - 2)]
    by_hand = 0.1 * np.log(2.0) + (0.5 / 10_000_000 - 0.1) * np.log(0.5 / 1_000_000)
    assert stability_index(before, after) == pytest.approx(by_hand, rel=1e-3)
    assert rows_by_band(np.asarray([0, 9, 10, 99])) == (2, 1, 0, 0, 0, 0, 0, 0, 0, 1)
