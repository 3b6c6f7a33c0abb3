"""Vectors as leads have them, and boosters that learned from them: what the benchmarks of contributions ask.

Every value is drawn from a seeded generator; nothing here is of a person or a company.
"""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

FEATURES = 60
CATEGORIES = (0, 1, 2, 3)
"""The columns of categories, a dozen each."""

_LEARNED = 30_000


@dataclass(frozen=True)
class Shape:
    """Trees, their leaves, and their depth (-1: no limit)."""

    trees: int
    leaves: int
    depth: int

    def __str__(self) -> str:
        limit = "no limit of depth" if self.depth < 0 else f"depth {self.depth}"
        return f"{self.trees} trees x {self.leaves} leaves, {limit}"


SHAPES = (Shape(300, 31, 6), Shape(150, 15, 5), Shape(300, 31, -1), Shape(600, 31, 8))


def made_vectors(rows: int, seed: int) -> NDArray[np.float64]:
    """Return float64 (rows, FEATURES): categories, counts, sizes and days, a fifth of some not known."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, FEATURES))
    values[:, list(CATEGORIES)] = rng.integers(0, 12, (rows, len(CATEGORIES)))
    values[:, 4:30] = rng.poisson(rng.uniform(0.3, 5.0, 26), (rows, 26))
    values[:, 30:45] = np.exp(values[:, 30:45])
    for column in range(20, FEATURES):
        values[rng.random(rows) < 0.2, column] = np.nan
    return values


def made_booster(shape: Shape, features: int = FEATURES) -> lightgbm.Booster:
    """Return a booster of a shape that learned labels which depend on columns alone and in pairs."""
    rng = np.random.default_rng(1)
    values = made_vectors(_LEARNED, 2)[:, :features]
    known = np.nan_to_num(np.clip(values, -3, 8))
    margin = known @ rng.normal(size=features) * 0.25
    margin += 0.3 * known[:, 5 % features] * known[:, -1] + (known[:, 0] > 6) * known[:, 7 % features]
    labels = (rng.random(_LEARNED) < 1 / (1 + np.exp(np.median(margin) + 1.5 - margin))).astype(np.float64)
    data = lightgbm.Dataset(values, labels, categorical_feature=list(CATEGORIES))
    return lightgbm.train(_parameters(shape), data, shape.trees)


def _parameters(shape: Shape) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": shape.leaves,
        "max_depth": shape.depth,
        "learning_rate": 0.05,
        "min_data_in_leaf": 40,
        "feature_fraction": 0.7,
        "num_threads": 1,
        "seed": 7,
        "deterministic": True,
        "verbosity": -1,
    }
