from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest

from models.contributions import Attributions, NoContributionsError, attributions, checked, compiled
from models.contributions.columns import columns_of
from models.contributions.errors import NotTabulatedError
from models.contributions.grouping import groups_of
from models.contributions.trees import trees_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MODES: dict[str, dict[str, Any]] = {
    "as usual": {},
    "missing values are no values": {"use_missing": False},
    "zero is missing": {"zero_as_missing": True},
    "one category a split": {"max_cat_to_onehot": 100},
    "monotone": {"monotone_constraints": [1, -1, 1, 0, 0, 0], "num_leaves": 63},
    "bagging": {"bagging_freq": 1, "bagging_fraction": 0.5},
    "goss": {"data_sample_strategy": "goss"},
    "dart": {"boosting": "dart"},
    "a random forest": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "no average first": {"boost_from_average": False},
    "deep": {"num_leaves": 200, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 1e-6},
    "many thresholds": {"max_bin": 2000, "num_leaves": 200, "min_data_in_leaf": 1, "trees": 30},
    "one leaf": {"min_data_in_leaf": 600},
    "two leaves": {"num_leaves": 2},
}


def largest_difference(found: NDArray[np.float64], booster: lightgbm.Booster, rows: Any) -> float:
    wanted = booster.predict(rows, pred_contrib=True)
    return float((np.abs(found - wanted).max(axis=1) / np.maximum(1, np.abs(wanted).sum(axis=1))).max())


@pytest.mark.parametrize("mode", MODES)
def test_contributions_are_those_of_lightgbm(
    mode: str, booster_of: Callable[..., lightgbm.Booster], odd_rows: Callable[[int], NDArray[np.float64]]
) -> None:
    booster = booster_of(**MODES[mode])
    asked = Attributions(booster)
    rows = odd_rows(100)
    assert asked.method == "tables"
    found = asked.values(rows)
    assert largest_difference(found, booster, rows) < 1e-12
    assert (found[:, -1] == asked.expected).all()
    assert np.ptp(found[:, :-1]) > 0 or mode == "one leaf"


def test_one_row_and_many_give_the_same_bits_whatever_the_threads(
    booster_of: Callable[..., lightgbm.Booster],
    odd_rows: Callable[[int], NDArray[np.float64]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # With a small cap some leaves are in tables and others are not.
    monkeypatch.setattr(compiled, "groups_of", lambda paths, columns: groups_of(paths, columns, cap=60))
    asked = Attributions(booster_of(num_leaves=31))
    assert asked.deep_leaves > 50
    assert asked.table_bytes > 0
    rows = odd_rows(1_300)
    together = asked.values(rows)
    assert (asked.values(rows, threads=2) == together).all()
    assert (asked.values(rows[7:107]) == together[7:107]).all()
    alone = np.concatenate([asked.values(rows[row : row + 1]) for row in range(1_300)])
    assert (alone == together).all()


def test_the_layout_of_vectors_changes_nothing(
    booster: lightgbm.Booster, odd_rows: Callable[[int], NDArray[np.float64]]
) -> None:
    asked = Attributions(booster)
    rows = odd_rows(40)
    wanted = asked.values(rows)
    wide = np.zeros((40, 12))
    wide[:, ::2] = rows
    before = rows.copy()
    locked = rows.copy()
    locked.flags.writeable = False
    for same in (np.asfortranarray(rows), wide[:, ::2], locked):
        assert (asked.values(same) == wanted).all()
    assert rows.flags.writeable
    np.testing.assert_array_equal(rows, before)
    assert asked.values(rows[:0]).shape == (0, 7)


def test_the_best_iteration_is_what_is_explained(
    booster_of: Callable[..., lightgbm.Booster], odd_rows: Callable[[int], NDArray[np.float64]]
) -> None:
    booster = booster_of()
    all_trees = Attributions(booster).values(odd_rows(20))
    booster.best_iteration = 5
    found = Attributions(booster).values(odd_rows(20))
    assert largest_difference(found, booster, odd_rows(20)) < 1e-12
    assert not np.allclose(found, all_trees)


def test_vectors_of_another_width_are_refused(booster: lightgbm.Booster) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, 6\), found \(2, 5\)"):
        Attributions(booster).values(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"found \(6,\)"):
        Attributions(booster).values(np.zeros(6))


def test_several_classes_are_refused_by_name() -> None:
    vectors = np.random.default_rng(0).normal(size=(200, 2))
    labels = (vectors[:, 0] > 0).astype(int) + (vectors[:, 1] > 0)
    booster = lightgbm.train(
        {"objective": "multiclass", "num_class": 3, "verbose": -1}, lightgbm.Dataset(vectors, labels), 2
    )
    with pytest.raises(NoContributionsError, match="found 3 margins"):
        Attributions(booster)


def test_linear_leaves_are_refused_by_name() -> None:
    vectors = np.random.default_rng(0).normal(size=(200, 2))
    booster = lightgbm.train(
        {"objective": "binary", "linear_tree": True, "verbose": -1},
        lightgbm.Dataset(vectors, (vectors[:, 0] > 0).astype(int), params={"linear_tree": True}),
        2,
    )
    with pytest.raises(NoContributionsError, match="linear_tree=false"):
        Attributions(booster)


def test_tables_that_differ_from_lightgbm_are_not_used_and_that_is_said(
    booster: lightgbm.Booster,
    odd_rows: Callable[[int], NDArray[np.float64]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def slightly_wrong(asked: lightgbm.Booster) -> Any:
        trees = trees_of(asked)
        trees.value[3] += 1e-6
        return trees

    monkeypatch.setattr(attributions, "trees_of", slightly_wrong)
    with caplog.at_level(logging.ERROR, "leadlens.contributions"):
        asked = Attributions(booster)
    assert asked.method == "lightgbm"
    assert "differ from it by" in caplog.text
    wanted = booster.predict(odd_rows(20), pred_contrib=True)
    assert (asked.values(odd_rows(20)) == wanted).all()
    assert asked.expected == wanted[0, -1]
    assert asked.values(odd_rows(0)).shape == (0, 7)


def test_what_cannot_be_tabulated_is_asked_of_lightgbm_and_that_is_said(
    booster: lightgbm.Booster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unknown(asked: lightgbm.Booster) -> None:
        raise NotTabulatedError("A split of a kind that is not known.")

    monkeypatch.setattr(attributions, "trees_of", unknown)
    asked = Attributions(booster)
    assert asked.method == "lightgbm"
    assert "A split of a kind that is not known." in caplog.text


def test_the_rows_of_the_check_reach_every_side_of_a_small_booster(booster: lightgbm.Booster) -> None:
    trees = trees_of(booster)
    columns, _ = columns_of(trees)
    rows = checked.rows_to_check(columns, trees.features, 1)
    reached = booster.predict(rows, pred_leaf=True)
    leaves = [len(set(reached[:, tree])) for tree in range(reached.shape[1])]
    assert np.mean(leaves) > 0.7 * 15
    # As those of all who ask: of writable rows the kernels would be compiled, and checked, once more.
    assert not rows.flags.writeable
    assert (checked.rows_to_check(columns, trees.features, 10**9) == rows[:48]).all() or len(rows) > 48
