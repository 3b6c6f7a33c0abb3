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
    assert (found.stability.value, found.stability.low, found.moved) == (0.0, 0.0, 0.0)
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
    with pytest.raises(IncomparableError, match="written by another LeadLens"):
        comparison_from({"champion": 4})


@given(counts, counts)
def test_the_stability_index_is_a_distance_of_shares(before: list[int], after: list[int]) -> None:
    index = stability_index(before, after)
    assert index >= 0.0
    assert index == pytest.approx(stability_index(after, before))
    assert stability_index(before, before) == 0.0
    assert np.isfinite(index)


def bands_pass(leads: int, shift: float, seed: int) -> bool:
    """Whether two versions' scores of these leads, each of two rows, are let through; one's are higher."""
    lead = np.repeat(np.arange(leads), 2)
    before, after = np.random.default_rng(seed).normal(size=(2, leads))[:, lead]
    of = Labelled((lead % 2).astype(float), lead)
    return grades_gate(beside(scored(before), scored(after + shift), of)).passed


def scored(x: np.ndarray) -> Foretold:
    ranks = 1 / (1 + np.exp(-1.7 * x))
    return Foretold(np.full(len(x), 0.5), (99 * ranks).astype(np.int64))


def test_noise_of_few_leads_is_no_other_population_and_a_shift_of_many_is() -> None:
    assert all(bands_pass(60, 0.0, seed) for seed in range(20))
    assert not any(bands_pass(1_000, 0.8, seed) for seed in range(5))


def test_the_stability_index_by_hand_and_its_bands() -> None:
    before, after = [1_000_000] * BANDS, [2_000_000, 0, *[1_000_000] * (BANDS - 2)]
    by_hand = 0.1 * np.log(2.0) + (0.5 / 10_000_000 - 0.1) * np.log(0.5 / 1_000_000)
    assert stability_index(before, after) == pytest.approx(by_hand, rel=1e-3)
    assert rows_by_band(np.asarray([0, 9, 10, 99])) == (2, 1, 0, 0, 0, 0, 0, 0, 0, 1)
