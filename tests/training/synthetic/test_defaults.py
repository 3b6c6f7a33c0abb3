"""At the defaults, whatever the seed: the base rate is 3-10 %, the true probabilities' AUC 0.78-0.88."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.synthetic import History
from training.synthetic.recipe import DAY_US
from training.synthetic.truth import censuses
from training.synthetic.world import World


def _census(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and true probabilities of the usable census, from the world itself."""
    world = World.of(history)
    won = np.full(history.leads, np.iinfo(np.int64).max)
    won[world.outcomes.lead[world.outcomes.won]] = world.outcomes.occurred_us[world.outcomes.won]
    horizon = history.horizon_days * DAY_US
    usable = [census for census in censuses(world) if census.as_of_us + horizon <= history.extract_us]
    labels = [
        (won[census.lead] > census.as_of_us) & (won[census.lead] <= census.as_of_us + horizon)
        for census in usable
    ]
    return np.concatenate(labels), np.concatenate([census.probability for census in usable])


@pytest.mark.parametrize("observable", [False, True])
@pytest.mark.parametrize(("leads", "seed"), [(2_000, 1), (2_000, 2), (20_000, 3), (20_000, 4), (60_000, 5)])
def test_base_rate_and_separation_are_in_range(leads: int, seed: int, *, observable: bool) -> None:
    label, probability = _census(History(leads=leads, seed=seed, observable=observable))
    assert 0.03 < label.mean() < 0.10
    assert 0.78 < roc_auc_score(label, probability) < 0.88
    assert label.mean() == pytest.approx(probability.mean(), rel=0.2 if leads < 10_000 else 0.08)
