"""Compiled trees against LightGBM itself, on rows that ask what the trees ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.contributions.columns import CATEGORIES, ZERO_SIZE

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

    from models.contributions.columns import Columns
    from models.contributions.compiled import CompiledTrees

TOLERANCE = 1e-9
"""The largest difference, relative to max(1, the sum of sizes of a row's contributions)."""

FEWEST_ROWS, MOST_ROWS = 48, 256

AFFORDABLE_STEPS = 3_000_000
"""LightGBM's work on all rows of a check: leaves times the square of features on a path, about 0.1 s."""

_ODD_VALUES = (
    np.nan, 0.0, -0.0, np.inf, -np.inf, 1e-300, -1e-300, 5e-324, ZERO_SIZE, -ZERO_SIZE, 1.0, -1.0,
    1e300, -1e300,
)  # fmt: skip
_ODD_CATEGORIES = (np.nan, 0.0, -0.5, 0.7, -1.0, -7.0, 1e6, 2.0**31 - 1, 2.0**31, 1e19, np.inf, -np.inf)


def rows_to_check(columns: Columns, features: int, steps: int) -> NDArray[np.float64]:
    """Return rows, float64 (n, features), at and beside thresholds, of categories, and of odd values.

    They are read-only. `steps` is LightGBM's work on one row; the more, the fewer rows. The same trees give
    the same rows.
    """
    count = int(np.clip(AFFORDABLE_STEPS // max(steps, 1), FEWEST_ROWS, MOST_ROWS))
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(count, features))
    owned: dict[int, list[NDArray[np.float64]]] = {}
    for column, feature in enumerate(columns.feature.tolist()):
        owned.setdefault(feature, []).append(_asked(columns, column))
    for feature, asked in owned.items():
        # A third of the rows has an odd value, the others one that some split asks for, each as often.
        kinds = columns.kind[columns.feature == feature]
        odd = np.asarray(_ODD_CATEGORIES if (kinds == CATEGORIES).any() else _ODD_VALUES)
        usual = np.unique(np.concatenate(asked))
        rows[:, feature] = usual[chance.permutation(np.arange(count) % len(usual))]
        if len(usual) > count:
            rows[:, feature] = chance.choice(usual, count, replace=False)
        is_odd = chance.random(count) < 1 / 3
        rows[is_odd, feature] = chance.choice(odd, int(is_odd.sum()))
    # As the rows of all who ask: of another kind of array the kernels would be compiled once more.
    rows.flags.writeable = False
    return rows


def _asked(columns: Columns, column: int) -> NDArray[np.float64]:
    """Return the values at which a column's code changes: thresholds and their neighbours, or categories."""
    start, end = columns.first[column], columns.first[column + 1]
    if columns.kind[column] == CATEGORIES:
        bits = columns.words[start - columns.first[columns.numbers] : end - columns.first[columns.numbers]]
        inside = np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))
        return np.concatenate([inside, inside + 1]).astype(np.float64)
    cuts = columns.thresholds[start:end]
    # Next to the largest number is infinity, which is asked for too.
    with np.errstate(over="ignore"):
        return np.concatenate([cuts, np.nextafter(cuts, -np.inf), np.nextafter(cuts, np.inf)])


def largest_difference(
    compiled: CompiledTrees, booster: lightgbm.Booster, rows: NDArray[np.float64]
) -> float:
    """Return how far the two kernels are from LightGBM at most, relative to max(1, Σ|c|) of the row.

    Measured are contributions, and their sum against the margin. On paths of dozens of features LightGBM's
    own contributions lose digits and miss its margin; a hundred times that miss is no difference of ours.
    Infinite where one has a number and the other none.
    """
    wanted = np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1))
    margin = np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
    scale = np.maximum(1.0, np.abs(wanted).sum(axis=1))
    missed = np.abs(wanted.sum(axis=1) - margin)
    worst = 0.0
    for found in (compiled.in_blocks(rows), compiled.row_by_row(rows)):
        apart = np.abs(found - wanted).max(axis=1) - 100.0 * missed
        apart = np.maximum(apart, np.abs(found.sum(axis=1) - margin)) / scale
        worst = max(worst, float(np.where(np.isfinite(apart), apart, np.inf).max(initial=0.0)))
    return worst
