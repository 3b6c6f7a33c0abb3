"""A booster, compiled: tables of its leaves, and the two kernels that read them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.contributions.batch import BLOCK, explain_block_wise, schedule_of
from models.contributions.deep import deep_leaves
from models.contributions.grouping import DEEP, groups_of
from models.contributions.paths import paths_of
from models.contributions.single import explain_row_wise
from models.contributions.tables import cells_of, entries_of, tests_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.columns import Columns, Questions
    from models.contributions.trees import Trees

FEW_ROWS = 16
"""Fewer rows are explained one by one: a block has its price whatever it holds."""


class CompiledTrees:
    """Trees as the kernels take them. Pure; several threads may ask at once.

    `table_bytes` is the memory of the tables, `deep_leaves` the number of leaves that are in none, `steps`
    what LightGBM works on a row: the sum over leaves of the square of the path's number of features.

    Both kernels add to each feature of a row, from 0, the amounts of the groups in their order, then those of
    the deep leaves in theirs. So they give the same bits.
    """

    def __init__(self, trees: Trees, columns: Columns, questions: Questions) -> None:
        paths = paths_of(trees, columns, questions)
        group = groups_of(paths, columns)
        tests, sizes = tests_of(paths, group)
        entries = entries_of(paths, group, tests, sizes)
        cells, deep = cells_of(entries), deep_leaves(paths, group == DEEP)
        self.features = trees.features
        self.expected = trees.expected
        self.table_bytes = entries.amounts.nbytes + cells.amounts.nbytes
        self.deep_leaves = len(deep.value)
        self.steps = int((paths.features_of**2).sum())
        self._row_wise = (self.expected, columns, tests, cells, deep)
        self._block_wise = (self.expected, columns, tests, schedule_of(entries), deep)

    def row_by_row(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the contributions of rows that are contiguous and read-only, one by one."""
        found = np.empty((len(rows), self.features + 1))
        explain_row_wise(rows, found, *self._row_wise)
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
