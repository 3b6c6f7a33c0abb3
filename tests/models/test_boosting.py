"""Boosting, tree by tree."""

from itertools import pairwise

import numpy as np
import pytest

from features.feature import Feature
from features.snapshots import Moments
from models.boosting import Boosting, binned, grow, losses_of, part_of
from training.fitting.stopping import trees_for
from training.fitting.validation import Validation

ROWS = 3_000
LEARNED, JUDGED = np.arange(2_000), np.arange(2_000, ROWS)


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_a_tree_that_finds_no_split_in_its_columns_does_not_end_the_growing(seed: int) -> None:
    """Of three columns two are too rare to split on: a tree that is given these alone finds nothing."""
    rng = np.random.default_rng(0)
    values = (rng.random((ROWS, 3)) < 0.003).astype(np.float64)
    values[:, 0] = rng.normal(size=ROWS)
    labels = (rng.random(ROWS) < 1 / (1 + np.exp(1 - 2 * values[:, 0]))).astype(np.float64)
    features = [Feature(name, "number", "fit", name) for name in "abc"]
    boosting = Boosting(num_trees=60, seed=seed, feature_fraction=0.4)
    dataset = binned(values, labels, np.ones(ROWS), features)
    parts = [part_of(dataset, rows, np.ones(len(rows))) for rows in (LEARNED, JUDGED)]
    losses = list(losses_of(*parts, boosting))
    assert len(losses) == boosting.num_trees
    assert losses[-1] < losses[0]
    assert any(one == other for one, other in pairwise(losses))
    learned = part_of(dataset, LEARNED, np.ones(len(LEARNED)))
    probabilities = grow(learned, boosting).predict(values[JUDGED])
    loss = -np.where(labels[JUDGED] == 1, np.log(probabilities), np.log1p(-probabilities)).mean()
    assert losses[-1] == pytest.approx(loss)
    examples = Moments(np.arange(ROWS), np.zeros(ROWS, np.int64), labels)
    assert trees_for(dataset, examples, [Validation(LEARNED, JUDGED)], boosting) > 40
