"""How intent rises and falls: a Markov chain by day, whose every probability is known.

Between two midnights (UTC) a lead makes at most one move. Open leads are in one of eight states, intent
(four) by sales' attention (two); lost leads may return; the disqualified and the won never move again. With
hazards h_j a day for the moves out of a state, the chance to leave it in a day is 1 - exp(-sum h), shared in
proportion to h_j.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from training.synthetic.drift import drifted
from training.synthetic.season import Season
from training.synthetic.touches import (
    ATTENTION_ON_INTENT,
    ATTENTION_ON_WINNING,
    RESCORED_EVERY_DAYS,
    attention,
)

INTENTS: Final = ("cold", "considering", "evaluating", "deciding")
COLD, CONSIDERING, EVALUATING, DECIDING = range(4)
WORKED: Final = 4
"""Added to an intent: the state of the same intent in the hands of sales."""
LOST, DISQUALIFIED, WON = 8, 9, 10
STATES: Final = 11

FIT_STEP: Final = 0.125
FIT_CLASSES: Final = np.arange(-3.0, 3.0 + FIT_STEP, FIT_STEP)
"""The log-odds of fit that the world knows, shape (49,): a lead's fit counts to the nearest of these."""


class Move(NamedTuple):
    """A move between states: its hazard a day at fit 0, and the slope of its log on the log-odds of fit."""

    source: int
    target: int
    hazard_per_day: float
    slope_on_fit: float


RISES: Final = (
    Move(COLD, CONSIDERING, 0.0100, 0.30),
    Move(CONSIDERING, EVALUATING, 0.0190, 0.30),
    Move(EVALUATING, DECIDING, 0.0250, 0.30),
)
FALLS: Final = (
    Move(CONSIDERING, COLD, 0.0520, -0.10),
    Move(EVALUATING, CONSIDERING, 0.0300, -0.10),
    Move(EVALUATING, COLD, 0.0150, -0.10),
    Move(DECIDING, EVALUATING, 0.0200, -0.10),
)
WINS: Final = (
    Move(CONSIDERING, WON, 0.0009, 0.50),
    Move(EVALUATING, WON, 0.0024, 0.50),
    Move(DECIDING, WON, 0.0145, 0.45),
)
CLOSURES: Final = (
    Move(COLD, DISQUALIFIED, 0.0018, -0.40),
    Move(CONSIDERING, DISQUALIFIED, 0.0015, -0.40),
    Move(CONSIDERING, LOST, 0.0010, -0.20),
    Move(EVALUATING, LOST, 0.0050, -0.20),
    Move(DECIDING, LOST, 0.0180, -0.30),
)
RETURN: Final = Move(LOST, CONSIDERING, 0.0012, 0.20)


def fit_class(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the index into `FIT_CLASSES` of the nearest class; what lies outside counts to the outermost."""
    nearest = np.rint((log_odds - FIT_CLASSES[0]) / FIT_STEP).astype(np.int64)
    return np.asarray(np.clip(nearest, 0, len(FIT_CLASSES) - 1))


def hazards(season: Season) -> npt.NDArray[np.float64]:
    """Return the hazards a day of each move, shape (days, classes, states, states), zero on the diagonal."""
    every_day = np.ones(len(season.demand))
    rates = np.zeros((len(every_day), len(FIT_CLASSES), STATES, STATES))

    def add(moves: tuple[Move, ...], factor: npt.NDArray[np.float64], effect_of_attention: float) -> None:
        for source, target, hazard, slope in moves:
            by_class = hazard * np.exp(slope * FIT_CLASSES)
            for shift in (0, WORKED):
                reached = target + shift if target < WORKED else target
                boost = np.exp(effect_of_attention) if shift else 1.0
                rates[:, :, source + shift, reached] = np.multiply.outer(factor * boost, by_class)

    add(RISES, season.demand, ATTENTION_ON_INTENT)
    add(FALLS, every_day, 0.0)
    add(WINS, season.closing, ATTENTION_ON_WINNING)
    add(CLOSURES, every_day, 0.0)
    rates[:, :, LOST, RETURN.target] = RETURN.hazard_per_day * np.exp(RETURN.slope_on_fit * FIT_CLASSES)
    return rates


def transitions(season: Season, drift: npt.NDArray[np.float64] | None = None) -> npt.NDArray[np.float64]:
    """Return the chance of each state at the next midnight, given the state at this one.

    Shape (days, classes, states, states), rows sum to 1. Every `RESCORED_EVERY_DAYS` days sales re-sorts its
    list: whoever is open at the end of that day is worked, or not, by the score of that day until the next
    sorting. `drift`, shape (days,), is the share by which what wins has moved (`drift.py`); sales does not
    know of it, and sorts as ever.
    """
    step = hazards(season)
    total = step.sum(axis=3, keepdims=True)
    step *= np.divide(-np.expm1(-total), total, out=np.zeros_like(total), where=total > 0)
    state = np.arange(STATES)
    step[:, :, state, state] = 1.0 - step.sum(axis=3)
    if drift is not None:
        step = drifted(step, drift)
    sorting = step[RESCORED_EVERY_DAYS - 1 :: RESCORED_EVERY_DAYS]
    for intent in range(WORKED):
        chance = attention(FIT_CLASSES, intent)[:, np.newaxis]
        reached = sorting[..., intent] + sorting[..., intent + WORKED]
        sorting[..., intent + WORKED] = chance * reached
        sorting[..., intent] = (1 - chance) * reached
    return step
