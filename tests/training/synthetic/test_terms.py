"""The terms of the true log-odds are exact, and they are Shapley values."""

from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.synthetic.intent import LOST
from training.synthetic.recipe import DAY_US
from training.synthetic.terms import STATE, Background, column_effects, shapley_values, terms
from training.synthetic.vocabulary import MEAN_FIT
from training.synthetic.world import World

if TYPE_CHECKING:
    from conftest import Read


@given(seed=st.integers(0, 2**32), players=st.integers(1, 5))
def test_a_shapley_value_is_the_mean_gain_over_all_orders(seed: int, players: int) -> None:
    worth = np.random.default_rng(seed).normal(size=1 << players)
    gains = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        known = 0
        for player in order:
            gains[player] += worth[known | 1 << player] - worth[known]
            known |= 1 << player
    np.testing.assert_allclose(shapley_values(worth[np.newaxis])[0], gains / len(orders), atol=1e-12)


@given(seed=st.integers(0, 2**32), players=st.integers(1, 8))
def test_the_values_of_an_additive_game_are_its_parts(seed: int, players: int) -> None:
    parts = np.random.default_rng(seed).normal(size=players)
    worth = (np.arange(1 << players)[:, np.newaxis] >> np.arange(players) & 1) @ parts
    np.testing.assert_allclose(shapley_values(worth[np.newaxis])[0], parts, atol=1e-12)


@pytest.fixture(scope="module")
def world(ordinary: "Read") -> World:
    return World.of(ordinary.recipe)


def _asked(world: World, day: int, leads: int) -> np.ndarray:
    """Return open leads on a day."""
    born = int(np.searchsorted(world.people.created_us, world.history.start_us + day * DAY_US))
    lead = np.arange(born)
    return lead[world.stints.state_at(lead, np.full(born, world.history.start_us + day * DAY_US)) < LOST][
        :leads
    ]


def test_the_terms_of_a_lead_add_up_to_its_true_log_odds(ordinary: "Read", world: World) -> None:
    day = 28 * 7
    lead = _asked(world, day, 600)
    found = terms(world, lead, np.full(len(lead), day), Background.of(world, lead, _at(world, lead, day)))
    np.testing.assert_allclose(found.values.sum(axis=1) + found.expected, found.log_odds, atol=1e-9)
    as_of = ordinary.recipe.start + timedelta(days=day)
    true = ordinary.truth[ordinary.truth["as_of"] == as_of].set_index("lead_id")["probability"]
    numbers, _ = world.lead_numbers()
    p = true.loc[[f"lead-{number:07d}" for number in numbers[lead]]].to_numpy()
    np.testing.assert_allclose(found.log_odds, np.log(p / (1 - p)), atol=1e-9)


def _at(world: World, lead: np.ndarray, day: int) -> np.ndarray:
    return np.full(len(lead), world.history.start_us + day * DAY_US)


def test_the_terms_rise_with_the_effects_and_with_the_intent(world: World) -> None:
    day = 28 * 7
    lead = _asked(world, day, 600)
    found = terms(world, lead, np.full(len(lead), day), Background.of(world, lead, _at(world, lead, day)))
    columns, effects = column_effects(world)
    assert found.names == (*columns, STATE)
    for at in range(len(columns)):
        assert np.corrcoef(effects[lead, at], found.values[:, at])[0, 1] > 0.95
    intent = world.stints.state_at(lead, _at(world, lead, day)) % 4
    means = [found.values[intent == each, -1].mean() for each in range(4)]
    assert means == sorted(means)


def test_the_effects_of_the_columns_are_all_that_is_recorded_of_fit(observable: "Read") -> None:
    world = World.of(observable.recipe)
    _, effects = column_effects(world)
    np.testing.assert_allclose(effects.sum(axis=1) - MEAN_FIT, world.people.fit, atol=1e-12)


def test_a_state_is_that_of_the_stint_that_holds_the_time(world: World) -> None:
    stints = world.stints
    some = np.random.default_rng(0).integers(0, len(stints.lead), 2_000)
    lead, state = stints.lead[some], stints.state[some]
    np.testing.assert_array_equal(stints.state_at(lead, stints.since_us[some]), state)
    long = stints.until_us[some] - stints.since_us[some] > 2_000
    np.testing.assert_array_equal(
        stints.state_at(lead[long], stints.until_us[some][long] - 1_000), state[long]
    )
