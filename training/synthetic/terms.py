"""The terms of the true log-odds: how much of a lead's chance is owed to each column and to its state.

The true log-odds of a win depend on a lead by two things alone: by its fit, which is a sum over columns, and
by its state, which is its intent and whether sales works it. They are not quite additive (fit counts more in
one state than in another, and to the nearest class), so each term is a Shapley value: what the column or the
state adds to those that are known already, averaged over all orders in which they could become known
(Shapley 1953, 'A value for n-person games'; for explanations Lundberg and Lee 2017, 'A unified approach to
interpreting model predictions'). All 2^terms subsets are gone through: nothing is sampled. Of an additive
truth the terms would be the effects less their means.

What is not known of a lead stands for a population: a column by its mean effect there, the state by how
often the population is in each. Season and calendar are nobody's term: all of it is of one moment.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np
import numpy.typing as npt

from training.synthetic import vocabulary as words
from training.synthetic.intent import LOST, fit_class
from training.synthetic.people import fit_effects
from training.synthetic.recipe import DAY_US
from training.synthetic.truth import win_probability
from training.synthetic.world import World

STATE = "state"
"""The name of the last term: that of intent and sales' attention."""

_LEADS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of the true log-odds of n leads, float64 (n, terms), by their names.

    A name is that of the column that records it, or STATE. `log_odds` (n,) are the whole; they are a row's
    terms and `expected` (n,), the log-odds of which nothing is known, together.
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]
    log_odds: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Background:
    """What stands for that which is not known: mean effects (columns,), shares of the open states (8,)."""

    effects: npt.NDArray[np.float64]
    states: npt.NDArray[np.float64]

    @classmethod
    def of(cls, world: World, lead: npt.NDArray[np.int64], as_of_us: npt.NDArray[np.int64]) -> "Background":
        """Return that of leads (n,), indices of the world, at moments (n,); those not open are left out."""
        state = world.stints.state_at(lead, as_of_us)
        is_open = state < LOST
        counts = np.bincount(state[is_open], minlength=LOST)
        return cls(column_effects(world)[1][lead[is_open]].mean(axis=0), counts / counts.sum())


def column_effects(world: World) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Return the columns that bear on fit, and the effect (log-odds of fit) of each in each lead."""
    sums: dict[str, npt.NDArray[np.float64]] = {}
    for column, effect in fit_effects(world.people, world.firms):
        sums[column] = sums[column] + effect if column in sums else effect
    return tuple(sums), np.stack(list(sums.values()), axis=1)


def terms(
    world: World, lead: npt.NDArray[np.int64], day: npt.NDArray[np.int64], background: Background
) -> Terms:
    """Return the terms of leads (n,), indices of the world, that are open at midnights, days since the start.

    An unrecorded part of fit is nobody's term; it is known all the time, so that the terms are those of the
    lead as it is.
    """
    columns, effects = column_effects(world)
    state = world.stints.state_at(lead, world.history.start_us + day * DAY_US).astype(np.int64)
    unrecorded = world.people.fit - (effects.sum(axis=1) - words.MEAN_FIT)
    log_odds = {int(each): _log_odds(world, int(each)) for each in np.unique(day)}
    known = np.arange(1 << len(columns))[:, np.newaxis] >> np.arange(len(columns)) & 1
    parts = []
    for first in range(0, len(lead), _LEADS_AT_ONCE):
        rows = slice(first, first + _LEADS_AT_ONCE)
        fit = effects[lead[rows]] @ known.T + (1 - known) @ background.effects
        fit += (unrecorded[lead[rows]] - words.MEAN_FIT)[:, np.newaxis]
        classes = fit_class(fit)
        here = [log_odds[each] for each in day[rows].tolist()]
        without = [table @ background.states for table in here]
        parts.append(
            np.concatenate(
                [
                    [mean[of] for mean, of in zip(without, classes, strict=True)],
                    [table[of, s] for table, of, s in zip(here, classes, state[rows], strict=True)],
                ],
                axis=1,
            )
        )
    of_subset = np.concatenate(parts)
    return Terms((*columns, STATE), shapley_values(of_subset), of_subset[:, 0], of_subset[:, -1])


def _log_odds(world: World, day: int) -> npt.NDArray[np.float64]:
    """Return the true log-odds of a win within the horizon from a day on, (classes, open states)."""
    chance = win_probability(world.step[day : day + world.history.horizon_days])[:, :LOST]
    return np.asarray(np.log(chance) - np.log1p(-chance))


def shapley_values(of_subset: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the Shapley values (n, players) of n games, float64 (n, 2^players).

    The worth of a subset of the players stands at the number whose bit i tells whether player i is in it.
    Each row adds up to the worth of all less that of none.

    >>> shapley_values(np.array([[0.0, 1.0, 2.0, 5.0]])).tolist()
    [[2.0, 3.0]]
    """
    players = of_subset.shape[1].bit_length() - 1
    subset = np.arange(1 << players)
    size = np.bitwise_count(subset)
    weight = np.array([factorial(k) * factorial(players - 1 - k) for k in range(players)]) / factorial(
        players
    )
    values = np.empty((len(of_subset), players))
    for player in range(players):
        without = subset[subset >> player & 1 == 0]
        values[:, player] = (of_subset[:, without | 1 << player] - of_subset[:, without]) @ weight[
            size[without]
        ]
    return values
