"""Under drift the world moves, and its truth is exact all the same."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from training.synthetic import History
from training.synthetic.drift import drift_by_day, drifted
from training.synthetic.intent import DECIDING, LOST, transitions
from training.synthetic.mapping import mapping_text
from training.synthetic.season import Season
from training.synthetic.truth import win_probability

if TYPE_CHECKING:
    from conftest import Read

LONG = History(days=200, horizon_days=50, drift=0.8)


def test_nothing_has_drifted_by_the_middle_and_the_whole_share_by_three_quarters() -> None:
    share = drift_by_day(LONG)
    assert share.shape == (250,)
    assert (share[:101] == 0).all()
    assert share[125] == pytest.approx(0.4)
    assert (share[150:] == 0.8).all()
    assert (np.diff(share) >= 0).all()


def test_without_drift_the_chances_are_the_same_bits() -> None:
    season = Season.of(LONG.start, 250)
    plain = transitions(season)
    assert transitions(season, np.zeros(250)).tobytes() == plain.tobytes()
    assert (transitions(season, drift_by_day(LONG))[:101] == plain[:101]).all()


def test_drifted_chances_are_distributions_and_a_full_drift_swaps_the_best_and_the_worst() -> None:
    step = transitions(Season.of(LONG.start, 27))  # up to the first sorting of sales
    whole = drifted(step, np.ones(27))
    np.testing.assert_allclose(drifted(step, np.full(27, 0.3)).sum(axis=-1), 1.0, atol=1e-12)
    assert (whole[:, 0] == step[:, -1]).all()
    late = win_probability(transitions(Season.of(LONG.start, 90), np.ones(90)))
    assert (np.diff(late[:, : DECIDING + 1], axis=0) < 0).all()


def test_a_share_of_drift_is_from_0_to_1_and_is_told_in_the_mapping() -> None:
    with pytest.raises(InputError, match="drift: expected a share from 0 to 1"):
        History(drift=1.5)
    assert "drift 0.8" in mapping_text(LONG, "csv")
    assert "drift" not in mapping_text(History(), "csv")


def test_among_leads_of_like_probability_that_share_wins_under_drift(drifting: "Read") -> None:
    """On one date the leads are independent, so sum z^2 over 20 bins is chi-square with 20 degrees."""
    wins = drifting.outcomes.query("outcome == 'won'").set_index("lead_id")["occurred_at"]
    horizon = pd.Timedelta(days=drifting.recipe.horizon_days)
    dates = drifting.truth["as_of"].drop_duplicates()
    for date in dates[dates + horizon <= drifting.recipe.extract_at].to_numpy()[40::8]:
        rows = drifting.truth[(drifting.truth["as_of"] == date) & (drifting.truth["probability"] > 0)].copy()
        won_at = rows["lead_id"].map(wins)
        rows["label"] = (won_at > rows["as_of"]) & (won_at <= rows["as_of"] + horizon)
        rows["variance"] = rows["probability"] * (1 - rows["probability"])
        bins = pd.qcut(rows["probability"], 20, duplicates="drop")
        total = rows.groupby(bins, observed=True)[["label", "probability", "variance"]].sum()
        z = (total["label"] - total["probability"]) / np.sqrt(total["variance"])
        assert np.square(z).sum() < 45.3  # exceeded by chance once in a thousand


def test_the_truth_of_a_late_day_is_another_than_without_drift(drifting: "Read") -> None:
    """Else the test above would say nothing of the drift."""
    season = Season.of(drifting.recipe.start, drifting.recipe.days + drifting.recipe.horizon_days)
    late = slice(drifting.recipe.days - 90, drifting.recipe.days)
    moved = win_probability(transitions(season, drift_by_day(drifting.recipe))[late])
    still = win_probability(transitions(season)[late])
    assert np.abs(moved - still)[:, :LOST].max() > 0.1
