"""The settings that a search may try, and those that it tries first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from pydantic import BaseModel, ConfigDict, Field, create_model

if TYPE_CHECKING:
    from models.boosting import Boosting

SPACE: dict[str, BaseDistribution] = {
    "num_leaves": IntDistribution(4, 64, log=True),
    "max_depth": IntDistribution(3, 8),
    "learning_rate": FloatDistribution(0.02, 0.2, log=True),
    "min_data_in_leaf": IntDistribution(3, 300, log=True),
    "feature_fraction": FloatDistribution(0.2, 1.0),
    "bagging_fraction": FloatDistribution(0.5, 1.0),
    "lambda_l2": FloatDistribution(0.01, 100.0, log=True),
    "cat_smooth": FloatDistribution(1.0, 100.0, log=True),
    "max_cat_to_onehot": CategoricalDistribution([4, 64]),
    "extra_trees": CategoricalDistribution([False, True]),
}
"""Depth is at most 8 and there are at most as many trees as the recipe says: reasons cost by both."""

_FIRST: tuple[dict[str, Any], ...] = (
    {},
    {"num_leaves": 31, "max_depth": 8, "min_data_in_leaf": 5, "learning_rate": 0.03, "feature_fraction": 0.3}
    | {"max_cat_to_onehot": 64},
    {"num_leaves": 6, "max_depth": 3, "learning_rate": 0.1, "lambda_l2": 10.0},
    {"num_leaves": 31, "max_depth": 8, "min_data_in_leaf": 5, "learning_rate": 0.08, "extra_trees": True}
    | {"feature_fraction": 0.5, "max_cat_to_onehot": 64},
)


def first_settings(boosting: Boosting) -> list[dict[str, Any]]:
    """Return what is tried first: the defaults, and larger, smaller and random trees."""
    own = {name: getattr(boosting, name) for name in SPACE}
    return [{**own, **changed} for changed in _FIRST]


def settings_type() -> type[BaseModel]:
    """Return what settings of a trial must be: some of SPACE, each of its type and within its range."""
    fields: dict[str, Any] = {name: (_allowed(of), None) for name, of in SPACE.items()}
    return create_model("Settings", __config__=ConfigDict(extra="forbid", strict=True), **fields)


def _allowed(of: BaseDistribution) -> Any:
    match of:
        case IntDistribution():
            return Annotated[int, Field(ge=of.low, le=of.high)]
        case FloatDistribution():
            return Annotated[float, Field(ge=of.low, le=of.high, allow_inf_nan=False)]
        case CategoricalDistribution():
            return bool if of.choices == (False, True) else Literal[of.choices]  # 1 equals True in a Literal
        case _:
            raise TypeError(f"{of}: no kind of setting that is known here")
