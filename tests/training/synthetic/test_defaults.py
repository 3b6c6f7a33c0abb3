"""At the defaults, whatever the seed: the base rate is 3-10 %, the true probabilities' AUC 0.78-0.88."""

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from training.synthetic import History
from training.synthetic.recipe import DAY_US
from training.synthetic.truth import Census, censuses
from training.synthetic.world import World


def _usable(history: History) -> list[tuple[Census, npt.NDArray[np.bool_]]]:
    """Return each usable census with its labels, from the world itself: every win, recorded or not."""
    world = World.of(history)
    won = np.full(history.leads, np.iinfo(np.int64).max)
    won[world.outcomes.lead[world.outcomes.won]] = world.outcomes.occurred_us[world.outcomes.won]
    horizon = history.horizon_days * DAY_US
    return [
        (census, (won[census.lead] > census.as_of_us) & (won[census.lead] <= census.as_of_us + horizon))
        for census in censuses(world)
        if census.as_of_us + horizon <= history.extract_us
    ]


@pytest.mark.parametrize("observable", [False, True])
@pytest.mark.parametrize(("leads", "seed"), [(2_000, 1), (2_000, 2), (20_000, 3), (20_000, 4), (60_000, 5)])
def test_base_rate_and_separation_are_in_range(leads: int, seed: int, *, observable: bool) -> None:
    census = _usable(History(leads=leads, seed=seed, observable=observable))
    label = np.concatenate([labels for _, labels in census])
    probability = np.concatenate([truth.probability for truth, _ in census])
    assert 0.03 < label.mean() < 0.10
    assert 0.78 < roc_auc_score(label, probability) < 0.88
    assert label.mean() == pytest.approx(probability.mean(), rel=0.2 if leads < 10_000 else 0.08)


@pytest.mark.parametrize("observable", [False, True])
def test_wins_miss_their_true_probabilities_by_chance_alone(*, observable: bool) -> None:
    """Over windows that do not overlap, the sums of label - probability are uncorrelated, so z is normal."""
    windows = _usable(History(leads=400_000, observable=observable))[6::13]
    missed = sum(float((labels - truth.probability).sum()) for truth, labels in windows)
    variance = sum(float((truth.probability * (1 - truth.probability)).sum()) for truth, _ in windows)
    wins = sum(int(labels.sum()) for _, labels in windows)
    assert wins > 20_000
    assert abs(missed) / np.sqrt(variance) < 3.3  # exceeded by chance once in a thousand
    assert np.sqrt(variance) / wins < 0.01  # so that a miss of 4 % could not hide
