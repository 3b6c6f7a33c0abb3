"""From what was said of the rows to figures: over all, by period, and of one cadence less another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.snapshots import WEEK
from training.backtest.found import Backtest, Contender, Difference, Period
from training.evidence.flattery import flattery_beside
from training.measures import all_figures, losses, resampling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.snapshots import Moments
    from training.evidence.flattery import RandomSplit
    from training.measures import Figure, Resampling

PERIOD = 4 * WEEK
"""Figures are told of four weeks at a time."""

TOLD = ("log_loss", "roc_auc", "brier", "calibration_error", "calibration_slope", "calibration_intercept")
"""The measures of a backtest."""

TOLD_OF_A_RATE = ("log_loss", "brier", "calibration_error")
"""Those of one probability for all: it tells nobody apart, and has no spread."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one way to retrain says of the rows: probabilities float64 (n,), by `trained` models."""

    name: str
    said: str
    trained: int
    probabilities: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """The rows that were foretold, and what was said of them; `ways` end with the base rate.

    `owner` int64 (n,): whose row each is. `start`: the first retraining. `random`: what models say of them
    that learned from all other leads, those of later too.
    """

    rows: Moments
    owner: NDArray[np.int64]
    start: int
    fits: int
    ways: Sequence[Said]
    random: RandomSplit


def compared(found: Rolled, *, horizon: str, notes: tuple[str, ...]) -> Backtest:
    """Return the figures of each way, paired differences, and what a random split would have shown."""
    rows, labels, draws = found.rows, found.rows.label, resampling(found.owner)
    period = (rows.as_of - found.start) // PERIOD
    numbers = np.unique(period)
    parts = [period == number for number in numbers]
    later = period >= np.median(numbers)
    contenders = tuple(_contender(way, labels, draws, parts) for way in found.ways)
    loss = {way.name: losses(labels, way.probabilities) for way in found.ways}
    return Backtest(
        horizon=horizon,
        first=_date(int(rows.as_of.min())),
        last=_date(int(rows.as_of.max())),
        rows=len(rows),
        leads=len(np.unique(found.owner)),
        conversions=len(np.unique(found.owner[labels == 1.0])),
        fits=found.fits,
        periods=tuple(
            Period(
                first=_date(found.start + int(number) * PERIOD),
                rows=int(part.sum()),
                leads=len(np.unique(found.owner[part])),
                converted=draws.where(part).mean(labels[part]),
            )
            for number, part in zip(numbers, parts, strict=True)
        ),
        contenders=contenders,
        differences=tuple(
            Difference(
                one=one.name,
                other=other.name,
                whole=_gained(loss[other.name] - loss[one.name], draws),
                later=_gained(loss[other.name] - loss[one.name], draws, later),
                by_period=tuple(_gained(loss[other.name] - loss[one.name], draws, part) for part in parts),
            )
            for one, other in combinations(found.ways, 2)
        ),
        flattery=flattery_beside(labels, found.random, found.ways[0].probabilities, draws),
        notes=notes,
    )


def _contender(
    way: Said, labels: NDArray[np.float64], draws: Resampling, parts: list[NDArray[np.bool_]]
) -> Contender:
    every = np.ones(len(labels), np.bool_)
    return Contender(
        name=way.name,
        said=way.said,
        trained=way.trained,
        measures=_told(way, labels, draws, every),
        by_period=tuple(_told(way, labels, draws, part) for part in parts),
    )


def _told(
    way: Said, labels: NDArray[np.float64], draws: Resampling, part: NDArray[np.bool_]
) -> dict[str, Figure]:
    found = all_figures(labels[part], way.probabilities[part], draws.where(part))
    return {name: found[name] for name in (TOLD if way.trained else TOLD_OF_A_RATE) if name in found}


def _gained(gained: NDArray[np.float64], draws: Resampling, part: NDArray[np.bool_] | None = None) -> Figure:
    return draws.mean(gained) if part is None else draws.where(part).mean(gained[part])


def _date(moment: int) -> str:
    return str(pd.Timestamp(moment, unit="us").date())
