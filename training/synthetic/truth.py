"""The true probability of a win within the horizon, exactly, from the chain that made the history."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.synthetic.intent import LOST, WON
from training.synthetic.recipe import DAY_US
from training.synthetic.world import World


def win_probability(steps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the chance to be in the last state after all steps, by the state before the first.

    `steps` is (days, ..., states, states), rows summing to 1; the result is (..., states). The backward
    equation of a Markov chain: f_T = 1 in the last state and 0 elsewhere, f_t = P_t f_(t+1). No simulation.
    """
    chance = np.zeros(steps.shape[1:-1])
    chance[..., -1] = 1.0
    for step in steps[::-1]:
        chance = np.matvec(step, chance)
    return chance


@dataclass(frozen=True, slots=True)
class Census:
    """The truth on one census date, columns of shape (open leads,)."""

    as_of_us: int
    lead: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float64]


def censuses(world: World) -> Iterator[Census]:
    """Yield, for every census date, the true probability of each lead that counts as open on it.

    The probability is that of a first `won` that *occurs* in (as_of, as_of + horizon], given the whole
    latent state at as_of; when a win becomes known plays no part. A lead counts as open while it has no
    outcome that both stands and is known: one that has won without anybody knowing yet looks open, and its
    probability is 0, as is that of a duplicate, which comes after the leads, numbered on from the last of
    them.
    """
    history, moves, outcomes = world.history, world.moves, world.outcomes
    state = world.people.first_intent.copy()
    known_us = np.zeros(len(state), dtype=np.int64)
    moved = closed = 0
    for day in history.census_days():
        as_of = history.start_us + day * DAY_US
        moved_before, moved = moved, int(np.searchsorted(moves.day, day))
        state[moves.lead[moved_before:moved]] = moves.target[moved_before:moved]
        closed_before, closed = closed, int(np.searchsorted(outcomes.move, moved))
        known_us[outcomes.lead[closed_before:closed]] = outcomes.known_us[closed_before:closed]
        born = int(np.searchsorted(world.people.created_us, as_of, side="right"))
        lead = np.flatnonzero((state[:born] < LOST) | (known_us[:born] > as_of))
        chance = win_probability(world.step[day : day + history.horizon_days])
        chance[:, WON] = 0.0
        copies = np.flatnonzero(world.duplicates.created_us <= as_of)
        yield Census(
            as_of,
            np.concatenate([lead, len(state) + copies]),
            np.concatenate([chance[world.fit_class[lead], state[lead]], np.zeros(len(copies))]),
        )
