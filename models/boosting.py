"""LightGBM with sound small defaults: trees that are shallow, few, and the same for the same data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.feature import Feature


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosting:
    """The settings of boosting, under LightGBM's names. Depth is at most 8: beyond, reasons become dear."""

    num_trees: int = 120
    num_leaves: int = 12
    max_depth: int = 4
    learning_rate: float = 0.05
    min_data_in_leaf: int = 40
    feature_fraction: float = 0.7
    bagging_fraction: float = 0.8
    bagging_freq: int = 1
    lambda_l2: float = 1.0
    cat_smooth: float = 20.0
    cat_l2: float = 10.0
    max_cat_to_onehot: int = 4
    seed: int = 7

    def parameters(self) -> dict[str, Any]:
        """Return the parameters as LightGBM takes them."""
        return {
            **asdict(self),
            "objective": "binary",
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


def fit_booster(
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    features: Sequence[Feature],
    boosting: Boosting,
) -> lightgbm.Booster:
    """Fit trees to vectors (n, features) of `features`, labels (n,) of 0 and 1, and weights (n,).

    The booster comes back as its own text reads: what is used now is what will be loaded later. Its
    features are numbered, because LightGBM does not take every name that a column may have.
    """
    parameters = boosting.parameters()
    trees = parameters.pop("num_trees")
    # A leaf must hold this much data, whatever the weights: small samples get larger leaves in proportion.
    parameters["min_data_in_leaf"] = min(boosting.min_data_in_leaf, max(1, len(values) // 20))
    dataset = lightgbm.Dataset(
        values,
        labels,
        weight=weights,
        feature_name=[f"f{i}" for i in range(len(features))],
        categorical_feature=[i for i, feature in enumerate(features) if feature.is_category],
        free_raw_data=True,
        params={"verbosity": -1, "max_bin": 255},
    )
    trained = lightgbm.train(parameters, dataset, num_boost_round=trees)
    return lightgbm.Booster(model_str=trained.model_to_string())


def margins_of(booster: lightgbm.Booster, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return LightGBM's own margins (log-odds), float64 (n,)."""
    return np.asarray(booster.predict(values, raw_score=True), np.float64)
