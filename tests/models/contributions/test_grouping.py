from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.contributions import tables
from models.contributions.columns import columns_of
from models.contributions.grouping import DEEP, groups_of
from models.contributions.paths import paths_of
from models.contributions.trees import trees_of

if TYPE_CHECKING:
    import lightgbm

    from models.contributions.columns import Columns
    from models.contributions.paths import Paths


@pytest.fixture(scope="module")
def leaves(booster: lightgbm.Booster) -> tuple[Paths, Columns]:
    trees = trees_of(booster)
    columns, questions = columns_of(trees)
    return paths_of(trees, columns, questions), columns


@pytest.mark.parametrize("cap", [0, 20, 100, 1_000, 8_192])
def test_no_table_exceeds_the_cap_and_each_leaf_is_in_one_or_too_deep(
    cap: int, leaves: tuple[Paths, Columns]
) -> None:
    paths, columns = leaves
    group = groups_of(paths, columns, cap=cap)
    tests, sizes = tables.tests_of(paths, group)
    entries = tables.entries_of(paths, group, tests, sizes)
    assert (sizes * np.diff(entries.first) <= cap).all()
    assert sizes.sum() >= 0
    in_groups = group[group != DEEP]
    assert (np.diff(in_groups) >= 0).all()
    assert set(in_groups.tolist()) == set(range(len(sizes)))
    # A leaf is too deep only where its own table would exceed the cap.
    for leaf in np.flatnonzero(group == DEEP):
        alone = np.full(paths.leaves, DEEP)
        alone[leaf] = 0
        assert tables.tests_of(paths, alone)[1][0] * paths.features_of[leaf] > cap


def test_a_group_lies_within_one_tree(leaves: tuple[Paths, Columns]) -> None:
    paths, columns = leaves
    group = groups_of(paths, columns)
    tree = np.repeat(np.arange(len(paths.first_leaf) - 1), np.diff(paths.first_leaf))
    assert all(len(set(tree[group == number].tolist())) == 1 for number in range(group.max() + 1))
    assert group.max() + 1 < paths.leaves


def test_where_all_tables_together_are_too_large_more_leaves_are_deep(leaves: tuple[Paths, Columns]) -> None:
    paths, columns = leaves

    def doubles(group: np.ndarray) -> int:
        return len(tables.entries_of(paths, group, *tables.tests_of(paths, group)).amounts)

    whole = groups_of(paths, columns)
    half = groups_of(paths, columns, most_in_all=doubles(whole) // 2)
    assert doubles(half) <= doubles(whole) // 2
    assert (half == DEEP).sum() > (whole == DEEP).sum()
    assert (groups_of(paths, columns, most_in_all=0) == DEEP).all()


def test_both_orders_of_a_table_hold_the_same_amounts(leaves: tuple[Paths, Columns]) -> None:
    paths, columns = leaves
    group = groups_of(paths, columns)
    entries = tables.entries_of(paths, group, *tables.tests_of(paths, group))
    cells = tables.cells_of(entries)
    for number in range(entries.groups):
        for nth, entry in enumerate(range(entries.first[number], entries.first[number + 1])):
            size = entries.cells[number]
            by_entry = entries.amounts[entries.base[entry] :][:size]
            start, width = int(cells.base[number]) + nth, int(cells.width[number])
            assert (cells.amounts[start::width][:size] == by_entry).all()
            assert by_entry.any()
