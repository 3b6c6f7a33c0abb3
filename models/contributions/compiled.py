"""A booster, compiled: tables of its leaves, and the two kernels that read them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.contributions.batch import BLOCK, Schedule, explain_block_wise, schedule_of
from models.contributions.deep import DeepLeaves, add_deep_block_wise, add_deep_row_wise, deep_leaves
from models.contributions.grouping import DEEP, groups_of
from models.contributions.paths import paths_of
from models.contributions.single import explain_packed, packed_tables
from models.contributions.tables import Cells, Tests, cells_of, entries_of, tests_of

if TYPE_CHECKING:
    from models.contributions.columns import Columns, Questions
    from models.contributions.trees import Trees

FEW_ROWS = 16
"""Fewer rows are explained one by one: a block has its price whatever it holds."""


RowTables = tuple[NDArray[np.int64], NDArray[np.float64]]
"""What one call takes that explains rows one by one: packed tables, and amounts. See `single.py`."""


class TreeTables(NamedTuple):
    """All that the kernels read of a booster: numbers, and arrays in groups. It can be kept in a file.

    `expected` is the expected margin, `table_bytes` the memory of the tables, `deep_leaves` the number of
    leaves that are in none, `steps` what LightGBM works on a row: the sum over leaves of the square of the
    path's number of features.
    """

    features: int
    expected: float
    table_bytes: int
    deep_leaves: int
    steps: int
    columns: Columns
    tests: Tests
    cells: Cells
    schedule: Schedule
    deep: DeepLeaves


def tables_of(trees: Trees, columns: Columns, questions: Questions) -> TreeTables:
    """Return the tables of trees."""
    paths = paths_of(trees, columns, questions)
    group = groups_of(paths, columns)
    tests, sizes = tests_of(paths, group)
    entries = entries_of(paths, group, tests, sizes)
    cells = cells_of(entries)
    return TreeTables(
        features=trees.features,
        expected=trees.expected,
        table_bytes=entries.amounts.nbytes + cells.amounts.nbytes,
        deep_leaves=int((group == DEEP).sum()),
        steps=int((paths.features_of**2).sum()),
        columns=columns,
        tests=tests,
        cells=cells,
        schedule=schedule_of(entries),
        deep=deep_leaves(paths, group == DEEP),
    )


class CompiledTrees:
    """Trees as the kernels take them. Pure; several threads may ask at once.

    Both kernels add to each feature of a row, from 0, the amounts of the groups in their order, then those of
    the deep leaves in theirs. So they give the same bits.
    """

    def __init__(self, tables: TreeTables) -> None:
        self.tables = tables
        self.features, self.expected = tables.features, tables.expected
        self.table_bytes, self.deep_leaves, self.steps = tables.table_bytes, tables.deep_leaves, tables.steps
        self.row_wise: RowTables = (packed_tables(tables), tables.cells.amounts)
        self._block_wise = (tables.expected, tables.columns, tables.tests, tables.schedule)
        self._deep = (tables.columns, tables.deep)

    def row_by_row(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the contributions of rows that are contiguous and read-only, one by one."""
        found = np.empty((len(rows), self.features + 1))
        explain_packed(rows, found, *self.row_wise)
        if self.deep_leaves:
            add_deep_row_wise(rows, found, *self._deep)
        return found

    def in_blocks(self, rows: NDArray[np.float64], threads: int = 1) -> NDArray[np.float64]:
        """Return the contributions of rows that are contiguous and read-only, in blocks."""
        found = np.empty((len(rows), self.features + 1))
        blocks = -(-len(rows) // BLOCK)
        threads = min(threads, blocks)
        if threads < 2:
            self._fill(rows, found, 0, len(rows))
            return found
        # More parts than threads, so that none waits long for another; whole blocks, so that none is split.
        cuts = np.minimum(np.linspace(0, blocks, 4 * threads + 1).astype(int) * BLOCK, len(rows)).tolist()
        with ThreadPoolExecutor(threads) as pool:
            done = [
                pool.submit(self._fill, rows, found, start, stop)
                for start, stop in pairwise(cuts)
                if start < stop
            ]
            for part in done:
                part.result()
        return found

    def _fill(self, rows: NDArray[np.float64], found: NDArray[np.float64], start: int, stop: int) -> None:
        explain_block_wise(rows, found, start, stop, *self._block_wise)
        if self.deep_leaves:
            add_deep_block_wise(rows, found, start, stop, *self._deep)
