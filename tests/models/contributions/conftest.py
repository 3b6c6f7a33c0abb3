from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CATEGORICAL = 4

ODD = [
    np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, 1e-36, -1e-36, float(np.float32(1e-35)),
    -float(np.float32(1e-35)), 1e-34, -0.5, 0.5, -1.0,
    2.0**31 - 1, 2.0**31, -(2.0**31), 1e19, 31.0, 32.0, 999.0,
]  # fmt: skip


def made_vectors(rows: int, seed: int = 0) -> NDArray[np.float64]:
    """Numbers, counts with many zeros, hardly anything, and a category, each with missing values."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(rows, 6))
    vectors[:, 2] = chance.poisson(0.7, rows)
    vectors[:, 3] = chance.choice([0.0, 1e-36, -1e-36, 1e-30, -1e-30, 3.0], rows)
    vectors[:, CATEGORICAL] = chance.integers(0, 40, rows)
    vectors[chance.random(vectors.shape) < 0.1] = np.nan
    return vectors


def made_booster(trees: int = 12, rows: int = 600, **parameters: Any) -> lightgbm.Booster:
    vectors = made_vectors(rows)
    known = np.nan_to_num(vectors)
    signal = (
        known[:, 0] * known[:, 1] + known[:, 2] + (known[:, CATEGORICAL] % 3) + 1e30 * known[:, 3].clip(-1, 1)
    )
    label = signal + np.random.default_rng(1).normal(size=rows) > np.median(signal)
    return lightgbm.train(
        {
            "objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 15, "min_data_in_leaf": 5,
            "min_data_per_group": 5, "cat_smooth": 1.0, "learning_rate": 0.3, **parameters,
        },
        lightgbm.Dataset(vectors, label.astype(int), categorical_feature=[CATEGORICAL]),
        trees,
    )  # fmt: skip


def odd_vectors(rows: int, seed: int = 2) -> NDArray[np.float64]:
    vectors = made_vectors(rows, seed)
    chance = np.random.default_rng(seed)
    is_odd = chance.random(vectors.shape) < 0.25
    vectors[is_odd] = chance.choice(ODD, int(is_odd.sum()))
    return vectors


@pytest.fixture(scope="session")
def booster_of() -> Callable[..., lightgbm.Booster]:
    return made_booster


@pytest.fixture(scope="session")
def booster() -> lightgbm.Booster:
    return made_booster()


@pytest.fixture(scope="session")
def odd_rows() -> Callable[[int], NDArray[np.float64]]:
    return odd_vectors
