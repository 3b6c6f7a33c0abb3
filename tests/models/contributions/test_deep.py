from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from models.contributions import compiled
from models.contributions.columns import columns_of
from models.contributions.deep import LANES, POINTS, deep_leaves
from models.contributions.grouping import groups_of
from models.contributions.paths import paths_of
from models.contributions.trees import trees_of

if TYPE_CHECKING:
    import pytest


def made_booster(vectors: np.ndarray) -> lightgbm.Booster:
    label = np.sin(3 * vectors).sum(axis=1) > 0
    return lightgbm.train(
        {
            "objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 90, "min_data_in_leaf": 1,
            "min_sum_hessian_in_leaf": 1e-6, "extra_trees": True,
        },
        lightgbm.Dataset(vectors, label.astype(int)),
        6,
    )  # fmt: skip


def test_leaves_of_many_features_are_exact_and_the_same_to_the_bit_for_one_row_and_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled, "groups_of", lambda paths, columns: groups_of(paths, columns, cap=0))
    vectors = np.random.default_rng(0).normal(size=(600, 20))
    booster = made_booster(vectors)
    trees = trees_of(booster)
    columns, questions = columns_of(trees)
    assert paths_of(trees, columns, questions).features_of.max() > 2 * POINTS + 1
    asked = compiled.CompiledTrees(compiled.tables_of(trees, columns, questions))
    assert asked.deep_leaves == trees.leaves
    wanted = booster.predict(vectors, pred_contrib=True)
    found = asked.in_blocks(vectors)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert (asked.row_by_row(vectors) == found).all()
    assert (asked.in_blocks(vectors[:70]) == found[:70]).all()


def test_each_deep_leaf_is_in_one_pack_of_leaves_of_equally_many_features() -> None:
    trees = trees_of(made_booster(np.random.default_rng(0).normal(size=(600, 20))))
    columns, questions = columns_of(trees)
    paths = paths_of(trees, columns, questions)
    is_deep = np.arange(paths.leaves) % 3 > 0
    deep = deep_leaves(paths, is_deep)
    assert sorted(deep.value[deep.value != 0].tolist()) == sorted(paths.value[is_deep].tolist())
    real = np.repeat(deep.features, LANES)[deep.value.ravel() != 0]
    assert sorted(real.tolist()) == sorted(paths.features_of[is_deep].tolist())
    assert len(deep.first_condition) == deep.value.size + 1
    assert deep.first_condition[-1] == np.diff(paths.first_condition)[is_deep].sum()
