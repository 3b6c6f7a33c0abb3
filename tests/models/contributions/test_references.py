"""Whom contributions are compared with: shap, and the definition itself, which LightGBM agrees with."""

import lightgbm
import numpy as np
import pytest
from contributions_by_definition import contributions_by_definition
from random_boosters import MODES, grown

from models.contributions import Attributions

NUMBERS = {mode: number for number, mode in enumerate(MODES)}


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier with TreeExplainer:UserWarning")
@pytest.mark.parametrize("mode", ["as it comes", "depth of six or eight", "categories in sets"])
def test_shap_gives_the_same_values_and_expectation(mode: str) -> None:
    import shap

    case = grown(NUMBERS[mode])
    asked = Attributions(case.booster)
    explainer = shap.TreeExplainer(case.booster)
    found = asked.values(case.rows)
    size = np.maximum(1.0, np.abs(found).sum(axis=1, keepdims=True))
    assert (np.abs(found[:, :-1] - explainer.shap_values(case.rows)) <= 1e-9 * size).all()
    assert abs(asked.expected - explainer.expected_value) <= 1e-9 * size.min()


@pytest.mark.parametrize(
    "mode",
    [
        "zero is missing",
        "zero is missing and nothing is",
        "nothing is missing",
        "a great many categories",
        "continued with other ideas of what is missing",
        "tiny and huge",
        "forest",
        "stumps",
    ],
)
def test_lightgbm_gives_what_the_definition_says(mode: str) -> None:
    """So where LightGBM loses its digits the definition may stand in for it."""
    case = grown(NUMBERS[mode])
    rows = case.rows[::4]
    own = case.booster.predict(rows, pred_contrib=True, num_threads=1)
    defined = contributions_by_definition(case.booster, rows, case.booster.num_trees())
    size = np.maximum(1.0, np.abs(own).sum(axis=1, keepdims=True))
    assert (np.abs(own - defined) <= 1e-12 * size).all()


def test_on_paths_of_dozens_of_features_ours_are_the_definitions_where_lightgbms_do_not_add_up() -> None:
    """LightGBM's recursion divides what it multiplied, and loses digits with each feature of a path."""
    rng = np.random.default_rng(5)
    values = np.where(rng.random((1_500, 150)) < 0.9, 0.0, rng.exponential(size=(1_500, 150)))
    parameters = {"objective": "regression", "num_leaves": 120, "min_data_in_leaf": 3, "verbosity": -1}
    booster = lightgbm.train(
        parameters | {"learning_rate": 1.0, "seed": 1, "num_threads": 1},
        lightgbm.Dataset(values, values @ rng.normal(size=150)),
        3,
    )
    rows = values[:20]
    margin = booster.predict(rows, raw_score=True)
    defined = contributions_by_definition(booster, rows, 3)
    size = np.maximum(1.0, np.abs(defined).sum(axis=1))
    off = np.abs(booster.predict(rows, pred_contrib=True).sum(axis=1) - margin) / size
    assert off.max() > 1e-7
    assert (np.abs(defined.sum(axis=1) - margin) <= 1e-12 * size).all()
    ours = Attributions(booster).values(rows)
    assert (np.abs(ours - defined).max(axis=1) <= 1e-12 * size).all()
