"""The true probability is exact, and the history keeps to it."""

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.synthetic import History
from training.synthetic.intent import DECIDING, FIT_CLASSES, LOST, STATES, WON, WORKED, transitions
from training.synthetic.season import Season
from training.synthetic.truth import win_probability

if TYPE_CHECKING:
    from conftest import Read


def _chain(seed: int, days: int, states: int) -> npt.NDArray[np.float64]:
    """Return a chain with random rows, the last state absorbing."""
    steps = np.random.default_rng(seed).dirichlet(np.full(states, 0.5), size=(days, states))
    steps[:, -1] = np.eye(states)[-1]
    return steps


@given(seed=st.integers(0, 2**32), days=st.integers(1, 5), states=st.integers(2, 4))
def test_the_recursion_equals_the_sum_over_all_paths(seed: int, days: int, states: int) -> None:
    steps = _chain(seed, days, states)
    by_paths = np.zeros(states)
    for path in product(range(states), repeat=days + 1):
        if path[-1] == states - 1:
            by_paths[path[0]] += np.prod([steps[day, path[day], path[day + 1]] for day in range(days)])
    np.testing.assert_allclose(win_probability(steps), by_paths, rtol=0, atol=1e-12)


@given(seed=st.integers(0, 2**32), days=st.integers(0, 40), states=st.integers(2, 6))
def test_a_longer_horizon_never_has_a_smaller_probability(seed: int, days: int, states: int) -> None:
    steps = _chain(seed, days + 1, states)
    shorter, longer = win_probability(steps[:-1]), win_probability(steps)
    assert (shorter >= 0).all()
    assert (longer <= 1 + 1e-12).all()
    assert (longer >= shorter - 1e-12).all()


def test_every_row_of_the_worlds_transitions_is_a_distribution() -> None:
    step = transitions(Season.of(History().start, 400))
    assert step.shape == (400, len(FIT_CLASSES), STATES, STATES)
    assert (step >= 0).all()
    np.testing.assert_allclose(step.sum(axis=-1), 1.0, atol=1e-12)


def test_attention_and_fit_and_intent_raise_the_probability_and_none_is_certain() -> None:
    chance = win_probability(transitions(Season.of(History().start, 90)))
    assert (chance[:, WORKED:LOST] > chance[:, :WORKED]).all()
    assert (np.diff(chance[:, :LOST], axis=0) > 0).all()
    assert (np.diff(chance[:, : DECIDING + 1], axis=1) > 0).all()
    assert chance[:, :LOST].max() < 0.95
    assert (chance[:, WON] == 1).all()


def _labelled(read: "Read") -> pd.DataFrame:
    """Return the usable census with its labels, as the tables alone give them."""
    wins = read.outcomes.query("outcome == 'won'").set_index("lead_id")["occurred_at"]
    assert wins.index.is_unique
    horizon = pd.Timedelta(days=read.recipe.horizon_days)
    census = read.truth[read.truth["as_of"] + horizon <= read.recipe.extract_at].copy()
    won_at = census["lead_id"].map(wins)
    census["label"] = (won_at > census["as_of"]) & (won_at <= census["as_of"] + horizon)
    return census


def test_among_leads_of_like_probability_that_share_wins(ordinary: "Read") -> None:
    """On one date the leads are independent, so sum z^2 over 20 bins is chi-square with 20 degrees."""
    census = _labelled(ordinary)
    dates = census["as_of"].drop_duplicates().to_numpy()
    for date in dates[12:-4:13]:
        rows = census[(census["as_of"] == date) & (census["probability"] > 0)]
        bins = rows.assign(variance=lambda frame: frame.probability * (1 - frame.probability)).groupby(
            pd.qcut(rows["probability"], 20, duplicates="drop"), observed=True
        )[["label", "probability", "variance"]]
        total = bins.sum()
        z = (total["label"] - total["probability"]) / np.sqrt(total["variance"])
        assert len(z) == 20
        assert np.square(z).sum() < 45.3  # exceeded by chance once in a thousand


def test_leads_whose_true_probability_is_zero_never_win(ordinary: "Read") -> None:
    census = _labelled(ordinary)
    assert (census["probability"] == 0).any()
    assert not census.loc[census["probability"] == 0, "label"].any()


def test_the_tables_have_the_base_rate_and_the_separation_that_are_promised(ordinary: "Read") -> None:
    census = _labelled(ordinary)
    assert 0.03 < census["label"].mean() < 0.10
    assert census["label"].mean() == pytest.approx(census["probability"].mean(), rel=0.1)
    assert 0.78 < roc_auc_score(census["label"], census["probability"]) < 0.88


def test_the_census_holds_just_the_leads_without_a_standing_known_outcome(ordinary: "Read") -> None:
    """A loss stands until an act of the lead that is later than it; both count once they are known."""
    as_of = ordinary.truth["as_of"].drop_duplicates().iloc[50]
    known = ordinary.outcomes[ordinary.outcomes["known_at"] <= as_of].groupby("lead_id")["occurred_at"].max()
    acts = ordinary.events[(ordinary.events["known_at"] <= as_of) & ~ordinary.events["type"].isin(_TOUCHES)]
    last_act = acts[acts["occurred_at"] <= as_of].groupby("lead_id")["occurred_at"].max()
    won = set(ordinary.outcomes.query("outcome == 'won' and known_at <= @as_of")["lead_id"])
    standing = {lead for lead, at in known.items() if lead in won or not last_act.get(lead, at) > at}
    created = ordinary.leads.loc[ordinary.leads["created_at"] <= as_of, "lead_id"]
    assert set(ordinary.truth.loc[ordinary.truth["as_of"] == as_of, "lead_id"]) == set(created) - standing


_TOUCHES = ("email_sent", "sales_email", "sales_call", "handed_to_sales", "handed_back")
