"""LightGBM with sound small defaults: trees that are shallow, few, and the same for the same data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from features.feature import Feature

# The leaf's least size differs from part to part of one binned Dataset, so no feature is left out beforehand.
_BINNING = {"max_bin": 255, "feature_pre_filter": False, "verbosity": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosting:
    """The settings of boosting, under LightGBM's names. Depth is at most 8: beyond, reasons become dear.

    `num_trees` is the most where their number is chosen by validation, and their number where it is not.
    """

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
    extra_trees: bool = False
    seed: int = 7

    def parameters(self, rows: int, directions: Sequence[int] = ()) -> dict[str, Any]:
        """Return the parameters as LightGBM takes them, for `rows` rows; without the number of trees.

        A leaf must hold `min_data_in_leaf` rows, whatever their weights: small samples get larger leaves in
        proportion. `directions`, one a feature, -1 falling, 0 free, 1 rising, constrain the margin; none is
        free. They are kept by the method `basic`, which is stricter than need be and the only one of
        LightGBM's that its own documents call exact.
        """
        own = asdict(self)
        del own["num_trees"]
        return {
            **own,
            **_BINNING,
            "min_data_in_leaf": min(self.min_data_in_leaf, max(1, rows // 20)),
            **({"monotone_constraints": list(directions)} if any(directions) else {}),
            "objective": "binary",
            "metric": "binary_logloss",
            "deterministic": True,
            "force_row_wise": True,
        }


def binned(
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    features: Sequence[Feature],
) -> lightgbm.Dataset:
    """Return vectors (n, features) of `features`, labels (n,) of 0 and 1, and weights (n,), cut into bins.

    Boosters are grown on it and on parts of it, so that this is done once. The features are numbered, because
    LightGBM does not take every name that a column may have.
    """
    dataset = lightgbm.Dataset(
        values,
        labels,
        weight=weights,
        feature_name=[f"f{i}" for i in range(len(features))],
        categorical_feature=[i for i, feature in enumerate(features) if feature.is_category],
        free_raw_data=True,
        params=dict(_BINNING),
    )
    return dataset.construct()


def part_of(
    dataset: lightgbm.Dataset, rows: NDArray[np.int64], weights: NDArray[np.float64]
) -> lightgbm.Dataset:
    """Return some rows (rising positions) of a binned Dataset, with weights (len(rows),) of their own."""
    part = dataset.subset(rows.tolist()).construct()
    return part.set_weight(weights)


def grow(
    dataset: lightgbm.Dataset, boosting: Boosting, *, trees: int | None = None, directions: Sequence[int] = ()
) -> lightgbm.Booster:
    """Grow trees, `boosting.num_trees` unless told otherwise, on a binned Dataset or a part of one.

    The booster comes back as its own text reads: what is used now is what will be loaded later.
    """
    parameters = boosting.parameters(dataset.num_data(), directions)
    wanted = boosting.num_trees if trees is None else trees
    trained = lightgbm.train(parameters, dataset, num_boost_round=wanted)
    return lightgbm.Booster(model_str=trained.model_to_string())


def losses_of(
    learned: lightgbm.Dataset,
    judged: lightgbm.Dataset,
    boosting: Boosting,
    *,
    directions: Sequence[int] = (),
) -> Iterator[float]:
    """Yield the log loss (nats, by weight) on `judged` after each further tree that is grown on `learned`.

    Both are parts of one Dataset. There are `boosting.num_trees` of them: where columns and rows are drawn at
    random, a tree without a split says nothing of the next. It is not kept, and the log loss stays.
    """
    booster = lightgbm.Booster(boosting.parameters(learned.num_data(), directions), learned)
    booster.add_valid(judged, "judged")
    for _ in range(boosting.num_trees):
        booster.update()
        yield float(booster.eval_valid()[0][2])


def fit_booster(
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    features: Sequence[Feature],
    boosting: Boosting,
) -> lightgbm.Booster:
    """Bin vectors and grow trees on all of them; see `binned` and `grow`."""
    return grow(binned(values, labels, weights, features), boosting)


def margins_of(booster: lightgbm.Booster, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return LightGBM's own margins (log-odds), float64 (n,)."""
    return np.asarray(booster.predict(values, raw_score=True), np.float64)
