"""Boosters of every configuration that LightGBM knows, at random, each with rows that are hard for it.

A case is wholly decided by its number. Each takes the next of `MODES` for certain, and of all that the mode
leaves open something at random, so that modes meet one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
from random_columns import CATEGORIES, NUMBERS, a_column, asking_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

ASKED = 60
"""How many rows a booster is asked of."""

ATTEMPTS = 20
"""How often LightGBM may fail to grow a booster of a case."""

_ODD_NAMES = (
    "=",
    "a=b=c",
    "threshold=1",
    "Größe",
    "名前",
    "end of trees",
    "tree",
    "a b",
    "x" * 300,
    "'",
    "\\n",
)


@dataclass(frozen=True)
class Grown:
    """A booster, how it was grown, and rows float64 (ASKED, features) to ask of it."""

    number: int
    mode: str
    parameters: dict[str, Any]
    kinds: tuple[str, ...]
    booster: lightgbm.Booster
    rows: NDArray[np.float64]

    def __str__(self) -> str:
        columns = ", ".join(f"{times} {kind}" for kind, times in Counter(self.kinds).items())
        return f"case {self.number}: {self.mode}, {self.parameters}, columns: {columns}"


@dataclass
class Plan:
    """What a booster is to be grown from; modes change it."""

    rows: int
    kinds: list[str]
    trees: int
    parameters: dict[str, Any]
    labels: str = "of the rows"
    weighted: bool = False
    init_score: bool = False
    judged: bool = False
    names: bool = False
    afterwards: list[str] = field(default_factory=list)


Mode = Callable[[np.random.Generator, Plan], None]


def _with(**parameters: Any) -> Mode:
    """Return a mode that sets parameters; of a list one is drawn."""

    def change(rng: np.random.Generator, plan: Plan) -> None:
        for name, value in parameters.items():
            drawn = value[rng.integers(len(value))] if isinstance(value, list) else value
            plan.parameters[name] = drawn

    return change


def _planned(**changes: Any) -> Mode:
    """Return a mode that sets what is no parameter."""

    def change(_rng: np.random.Generator, plan: Plan) -> None:
        for name, value in changes.items():
            setattr(plan, name, list(value) if isinstance(value, list) else value)

    return change


def _of_columns(*kinds: str, **parameters: Any) -> Mode:
    """Return a mode in which most columns are of some kinds."""

    def change(rng: np.random.Generator, plan: Plan) -> None:
        plan.kinds = [*kinds, *plan.kinds[: rng.integers(0, 4)]]
        _with(**parameters)(rng, plan)

    return change


def _monotone(method: str) -> Mode:
    return _with(monotone_constraints_method=method, monotone_penalty=[0.0, 1.5])


def _directed(rng: np.random.Generator, plan: Plan) -> None:
    """Give the columns of numbers directions where a mode asked for monotone margins."""
    if "monotone_constraints_method" in plan.parameters:
        directions = rng.integers(-1, 2, len(plan.kinds))
        directions[[kind in CATEGORIES for kind in plan.kinds]] = 0
        plan.parameters["monotone_constraints"] = directions.tolist()


def _forest(rng: np.random.Generator, plan: Plan) -> None:
    _with(boosting="rf", bagging_freq=1, bagging_fraction=[0.3, 0.7])(rng, plan)


def _some_of_one_leaf(rng: np.random.Generator, plan: Plan) -> None:
    _forest(rng, plan)
    plan.rows, plan.trees = 80, 30
    _with(min_gain_to_split=[1.0, 2.0, 4.0], bagging_fraction=[0.2, 0.5])(rng, plan)


def _deep(rng: np.random.Generator, plan: Plan) -> None:
    plan.rows = int(rng.integers(500, 3_000))
    _with(max_depth=-1, num_leaves=200, min_data_in_leaf=1, min_sum_hessian_in_leaf=0.0)(rng, plan)


def _thousand_thresholds(rng: np.random.Generator, plan: Plan) -> None:
    plan.rows, plan.kinds, plan.trees = 3_000, ["normal", "normal", "counts"], 40
    _with(max_bin=1_000, num_leaves=64, min_data_in_leaf=1, max_depth=[-1, 8])(rng, plan)


def _wide(rng: np.random.Generator, plan: Plan) -> None:
    plan.kinds = [*("mostly zero",) * int(rng.integers(100, 300)), *plan.kinds]
    plan.parameters["enable_bundle"] = True


def _long_paths(rng: np.random.Generator, plan: Plan) -> None:
    plan.rows, plan.kinds, plan.trees = 1_500, ["mostly zero"] * 150, 2
    _with(objective="regression", max_depth=-1, num_leaves=[60, 120], min_data_in_leaf=3)(rng, plan)


MODES: dict[str, Mode] = {
    "as it comes": _planned(),
    "nothing is missing": _with(use_missing=False),
    "zero is missing": _of_columns("mostly zero", "few", "counts", zero_as_missing=True),
    "zero is missing and nothing is": _of_columns("few", "tiny", zero_as_missing=True, use_missing=False),
    "categories one by one": _of_columns("dozens", "a few", "two", max_cat_to_onehot=[64, 1_000]),
    "categories in sets": _of_columns(
        "dozens", "a few", "hundreds",
        max_cat_to_onehot=1, min_data_per_group=1, cat_smooth=[0.0, 10.0], cat_l2=0.0,
    ),
    "a great many categories": _of_columns(
        "hundreds", "far apart",
        max_cat_threshold=[8, 500], min_data_per_group=1, max_cat_to_onehot=[1, 2_000],
    ),
    "monotone, basic": _monotone("basic"),
    "monotone, intermediate": _monotone("intermediate"),
    "monotone, advanced": _monotone("advanced"),
    "bagging": _with(bagging_freq=1, bagging_fraction=[0.1, 0.8]),
    "bagging by label": _with(bagging_freq=2, pos_bagging_fraction=0.9, neg_bagging_fraction=0.2),
    "GOSS": _with(data_sample_strategy="goss", top_rate=0.1, other_rate=[0.05, 0.3], learning_rate=0.5),
    "dart": _with(boosting="dart", drop_rate=0.5, skip_drop=0.1, xgboost_dart_mode=[False, True]),
    "forest": _forest,
    "extra trees": _with(extra_trees=True, feature_fraction=0.5, feature_fraction_bynode=0.7),
    "no start from the average": _with(boost_from_average=False),
    "as deep as it goes": _deep,
    "stumps": _with(max_depth=1),
    "depth of six or eight": _with(max_depth=[6, 8], num_leaves=64, min_data_in_leaf=1),
    "labels of one kind": _planned(labels="all one"),
    "too few rows": _planned(rows=7),
    "no split is worth it": _with(min_gain_to_split=1e9),
    "some trees of one leaf": _some_of_one_leaf,
    "a thousand thresholds": _thousand_thresholds,
    "smoothed paths": _with(path_smooth=[0.5, 20.0], min_data_in_leaf=2),
    "stopped early": _planned(judged=True, trees=40),
    "weights": _planned(weighted=True),
    "weights of objectives": _with(scale_pos_weight=[0.1, 30.0]),
    "scores to start from": _planned(init_score=True),
    "continued": _planned(afterwards=["continued"]),
    "continued with other ideas of what is missing": _of_columns("mostly zero", "counts", "few"),
    "refitted": _planned(afterwards=["refitted"]),
    "leaves set by hand": _planned(afterwards=["leaves set"]),
    "undone and shuffled": _planned(afterwards=["undone", "shuffled"]),
    "undone to nothing": _planned(trees=1, afterwards=["undone"]),
    "odd names": _planned(names=True),
    "tiny and huge": _of_columns("tiny", "huge", "infinite", min_data_in_leaf=1),
    "columns that say nothing": _of_columns("nothing", "constant", "known or not", "mostly missing"),
    "one column": _planned(kinds=["counts"]),
    "one column of categories": _planned(kinds=["dozens"]),
    "hundreds of columns": _wide,
    "dozens of columns on a path": _long_paths,
    "gradients in few bits": _with(use_quantized_grad=True, num_grad_quant_bins=4),
    "columns that may not meet": _with(interaction_constraints=[[[0], [1, 2]], [[0, 1], [2]]], max_depth=-1),
    "few bins": _with(max_bin=[2, 3, 15], min_data_in_bin=1),
    "large leaves": _with(objective="regression", learning_rate=1.0, lambda_l2=0.0),
    "another objective": _with(
        objective=["regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie",
                   "cross_entropy", "cross_entropy_lambda"]
    ),
}  # fmt: skip


def grown(number: int) -> Grown:
    """Return case `number`, the same whenever it is asked for.

    LightGBM fails to grow some, or grows leaves that are infinite, where hessians are zero; then others are
    drawn.
    """
    for attempt in range(ATTEMPTS):
        try:
            case = _grown(number, np.random.default_rng([2026, number, attempt]))
        except lightgbm.basic.LightGBMError:
            continue
        if np.isfinite(case.booster.predict(case.rows, raw_score=True, num_threads=1)).all():
            return case
    raise RuntimeError(f"LightGBM grew none of {ATTEMPTS} boosters of case {number} with finite leaves")


def _grown(number: int, rng: np.random.Generator) -> Grown:
    mode = list(MODES)[number % len(MODES)]
    plan = _any_plan(rng)
    if rng.random() < 0.3:
        MODES[list(MODES)[rng.integers(len(MODES))]](rng, plan)
    MODES[mode](rng, plan)
    _directed(rng, plan)
    if mode == "continued with other ideas of what is missing":
        plan.afterwards = ["continued otherwise"]
    values = np.column_stack([a_column(rng, kind, plan.rows) for kind in plan.kinds])
    labels = _labels(rng, plan, values)
    booster = _trained(rng, plan, values, labels)
    return Grown(
        number=number,
        mode=mode,
        parameters=plan.parameters | {"trees": plan.trees, "afterwards": plan.afterwards},
        kinds=tuple(plan.kinds),
        booster=booster,
        rows=asking_rows(rng, booster, values, ASKED),
    )


def _any_plan(rng: np.random.Generator) -> Plan:
    kinds = rng.choice([*NUMBERS, *CATEGORIES], rng.integers(3, 12)).tolist()
    return Plan(
        rows=int(rng.integers(60, 900)),
        kinds=["normal", *kinds],
        trees=int(rng.integers(1, 25)),
        parameters={
            "objective": "binary",
            "num_leaves": int(rng.choice([2, 7, 31, 120])),
            "max_depth": int(rng.choice([-1, -1, 3, 8])),
            "min_data_in_leaf": int(rng.choice([1, 3, 20])),
            "min_data_in_bin": int(rng.choice([1, 3])),
            "min_sum_hessian_in_leaf": float(rng.choice([0.0, 1e-3])),
            "learning_rate": float(rng.choice([0.05, 0.3])),
            "lambda_l2": float(rng.choice([0.0, 1.0])),
            "max_cat_to_onehot": int(rng.choice([1, 4, 64])),
            "min_data_per_group": int(rng.choice([1, 100])),
            "cat_smooth": float(rng.choice([0.0, 10.0])),
            "seed": int(rng.integers(1_000)),
            "num_threads": 1,
            "verbosity": -1,
            "deterministic": True,
            "force_row_wise": True,
        },
    )


def _labels(rng: np.random.Generator, plan: Plan, values: NDArray[np.float64]) -> NDArray[np.float64]:
    if plan.labels == "all one":
        return np.ones(plan.rows)
    finite = np.clip(np.nan_to_num(values, nan=0.7), -3.0, 40.0)
    told = finite @ rng.normal(size=values.shape[1]) + np.sin(3.0 * finite[:, 0]) * finite[:, -1]
    told += rng.normal(scale=0.1 + told.std() / 2, size=plan.rows)
    if plan.parameters["objective"] in {"binary", "cross_entropy", "cross_entropy_lambda"}:
        return (told > np.median(told)).astype(np.float64)
    # Positive, as some objectives want it, and of a size that makes margins of another size than log-odds.
    return np.exp(told / (told.std() + 1e-9)) * 1e3


def _trained(
    rng: np.random.Generator, plan: Plan, values: NDArray[np.float64], labels: NDArray[np.float64]
) -> lightgbm.Booster:
    dataset = _dataset(rng, plan, plan.parameters, values, labels)
    more: dict[str, Any] = {}
    if plan.judged and plan.parameters.get("boosting", "gbdt") != "dart":
        cut = plan.rows // 2
        more = {
            "valid_sets": [lightgbm.Dataset(values[:cut], rng.permutation(labels[:cut]), reference=dataset)],
            "callbacks": [lightgbm.early_stopping(3, verbose=False)],
        }
    # Otherwise what comes back was read from its own text, and nothing of it can be undone.
    keep = "undone" in plan.afterwards
    booster = lightgbm.train(plan.parameters, dataset, plan.trees, keep_training_booster=keep, **more)
    for step in plan.afterwards:
        booster = _after(rng, plan, booster, values, labels, step)
    return booster


def _dataset(
    rng: np.random.Generator,
    plan: Plan,
    parameters: dict[str, Any],
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
) -> lightgbm.Dataset:
    """Return data to train on; what belongs to binning is in the parameters."""
    width = len(plan.kinds)
    names = [*_ODD_NAMES[:width], *(f"n{at}" for at in range(width - len(_ODD_NAMES)))]
    return lightgbm.Dataset(
        values,
        labels,
        weight=rng.exponential(size=plan.rows) if plan.weighted else None,
        init_score=rng.normal(size=plan.rows) if plan.init_score else None,
        feature_name=names if plan.names else "auto",
        categorical_feature=[at for at, kind in enumerate(plan.kinds) if kind in CATEGORIES],
        free_raw_data=False,
        params=dict(parameters),
    )


def _after(
    rng: np.random.Generator,
    plan: Plan,
    booster: lightgbm.Booster,
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
    step: str,
) -> lightgbm.Booster:
    """Do to a booster what may be done to one that was trained."""
    if step.startswith("continued"):
        other = {"zero_as_missing": True} if step == "continued otherwise" else {"num_leaves": 5}
        parameters = plan.parameters | other
        dataset = _dataset(rng, plan, parameters, values, labels)
        return lightgbm.train(parameters, dataset, plan.trees, init_model=booster)
    if step == "refitted":
        return booster.refit(values, rng.permutation(labels), decay_rate=0.5)
    if step == "leaves set":
        for tree in range(booster.num_trees()):
            booster.set_leaf_output(tree, 0, float(rng.normal() * 10.0 ** rng.integers(-20, 6)))
    elif step == "undone":
        booster.rollback_one_iter()
    elif step == "shuffled":
        booster.shuffle_models()
    return booster
