"""Flattery compares the same rows, and no row is judged by what it taught."""

import numpy as np
import pytest
from scipy.stats import norm

from training.evidence.flattery import RandomSplit, flattery_beside
from training.fitting.calibrating import PARTS, held_out_probabilities
from training.fitting.folds import parts_of
from training.measures import resampling


def split(p: np.ndarray) -> RandomSplit:
    return RandomSplit(np.log(p / (1 - p)), p)


def test_the_same_probabilities_do_not_flatter() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(1, 5, 800)
    labels = (rng.random(800) < p).astype(np.float64)
    found = flattery_beside(labels, split(p), p, resampling(np.arange(800), draws=20))
    assert (found.auc, found.log_loss) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_what_foretells_better_flatters_with_an_interval() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(1, 3, 3_000)
    labels = (rng.random(3_000) < p).astype(np.float64)
    dull = np.clip(0.5 * p + 0.125 + 0.1 * norm.ppf(rng.random(3_000)), 0.01, 0.99)
    found = flattery_beside(labels, split(p), dull, resampling(np.arange(3_000), draws=60))
    assert found.auc_difference is not None
    assert found.log_loss_difference is not None
    assert 0.0 < found.auc_difference.low < found.auc < found.auc_difference.high
    assert 0.0 < found.log_loss_difference.low < found.log_loss < found.log_loss_difference.high


@pytest.mark.parametrize("method", ["platt", "isotonic"])
def test_no_label_has_a_part_in_the_calibration_that_judges_it(method: str) -> None:
    rng = np.random.default_rng(1)
    margins, labels = rng.normal(size=900), (rng.random(900) < 0.2).astype(np.float64)
    lead = rng.permutation(900).astype(np.int64) * 7_919
    own = parts_of(lead.astype(np.uint32), PARTS, "calibration") == 3
    found = held_out_probabilities(method, margins, labels, lead)
    other = held_out_probabilities(method, margins, np.where(own, 1 - labels, labels), lead)
    assert own.any()
    assert other[own] == pytest.approx(found[own], abs=1e-12)
    assert (other[~own] != found[~own]).all()
    mixed = rng.permutation(900)
    again = held_out_probabilities(method, margins[mixed], labels[mixed], lead[mixed])
    assert again == pytest.approx(found[mixed])
