from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.contributions.codes import as_read, code_row
from models.contributions.columns import columns_of
from models.contributions.paths import NO_BOUND, paths_of
from models.contributions.trees import Trees, trees_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import lightgbm


def test_two_tests_of_one_feature_are_one_condition_with_the_product_of_both_ratios() -> None:
    """Feature 0 at 3, then in its left child at 1; the leaves hold 10, 20 and 70 of 100 rows."""
    trees = Trees(
        features=1,
        feature=np.asarray([0, 0]),
        threshold=np.asarray([3.0, 1.0]),
        decision=np.asarray([8, 8]),
        left=np.asarray([1, ~0]),
        right=np.asarray([~2, ~1]),
        node_count=np.asarray([100.0, 30.0]),
        value=np.asarray([-1.0, 0.5, 2.0]),
        leaf_count=np.asarray([10.0, 20.0, 70.0]),
        first_node=np.asarray([0, 2]),
        first_leaf=np.asarray([0, 3]),
        categories={},
        expected=1.4,
    )
    paths = paths_of(trees, *columns_of(trees))
    assert paths.value.tolist() == [-1.0, 0.5, 2.0]
    assert paths.features_of.tolist() == [1, 1, 1]
    assert np.allclose(paths.ratio, [0.1, 0.2, 0.7])
    assert paths.low.tolist() == [-1, 0, 1]
    assert paths.high.tolist() == [0, 1, NO_BOUND]
    assert paths.slot.tolist() == [0, 0, 0]


def test_a_row_passes_all_conditions_of_the_leaf_that_lightgbm_finds_and_of_no_other(
    booster_of: Callable[..., lightgbm.Booster], odd_rows: Callable[[int], np.ndarray]
) -> None:
    booster = booster_of(num_leaves=31, trees=6)
    trees = trees_of(booster)
    columns, questions = columns_of(trees)
    paths = paths_of(trees, columns, questions)
    codes = np.empty(len(columns.feature), np.uint16)
    owner = np.repeat(np.arange(paths.leaves), np.diff(paths.first_condition))
    for row in odd_rows(150):
        code_row(np.asarray([as_read(value) for value in row]), codes, columns)
        code = codes[paths.column].astype(int)
        fails = (code <= paths.low) | (code > paths.high)
        reached = np.flatnonzero(np.bincount(owner, fails, paths.leaves) == 0)
        assert len(reached) == len(paths.first_leaf) - 1
        wanted = booster.predict(row[None], pred_leaf=True)[0]
        values = [booster.get_leaf_output(tree, int(leaf)) for tree, leaf in enumerate(wanted)]
        np.testing.assert_allclose(paths.value[reached], values)
