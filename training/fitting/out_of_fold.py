"""Out of fold: what models say of leads that they never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.boosting import grow, margins_of, part_of
from models.contributions import Attributions, asked_of_lightgbm
from models.threads import threads_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import lightgbm
    from numpy.typing import NDArray

    from features.snapshots import Moments
    from models.boosting import Boosting


def fold_boosters(
    dataset: lightgbm.Dataset,
    examples: Moments,
    fold: NDArray[np.int64],
    boosting: Boosting,
    *,
    asked: Sequence[int],
    trees: int,
    directions: Sequence[int] = (),
) -> dict[int, lightgbm.Booster]:
    """Return for each fold that is asked for a booster of the examples of all other folds.

    `dataset` holds the examples, binned; `fold` int64 (n,) is theirs.
    """
    boosters = {}
    for number in asked:
        rows = np.flatnonzero(fold != number)
        part = part_of(dataset, rows, examples.where(rows).weight)
        boosters[number] = grow(part, boosting, trees=trees, directions=directions)
    return boosters


def margins_by_fold(
    boosters: Mapping[int, lightgbm.Booster], values: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the margin (log-odds) of each vector by its own fold's booster, float64 (n,)."""
    margins = np.empty(len(values))
    for number, booster in boosters.items():
        own = fold == number
        margins[own] = margins_of(booster, values[own])
    return margins


def contributions_by_fold(
    boosters: Mapping[int, lightgbm.Booster], values: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the contributions (log-odds) to each margin by its own fold's booster, (n, features)."""
    contributions = np.empty(values.shape)
    for number, booster in boosters.items():
        own = fold == number
        if own.any():
            contributions[own] = contributions_of(booster, values[own])[:, :-1]
    return contributions


FEW_ROWS = 500
"""So many rows LightGBM explains in the time in which a booster is compiled and checked on up to 256 rows."""


def contributions_of(booster: lightgbm.Booster, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exact contributions, float64 (n, features + 1), of a booster that is used once.

    Few rows are asked of LightGBM: it takes them as they are. The two ways agree but for rounding.
    """
    if len(values) < FEW_ROWS:
        return asked_of_lightgbm(booster, values)
    return Attributions(booster).values(values, threads=threads_for(len(values)))
