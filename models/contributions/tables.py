"""Groups of leaves as tables: what a group gives each of its features, for each place that a row can have.

A row's place in a group is a number of mixed radix, its cell: one digit for each of the group's columns,
namely how many of the group's t thresholds in it the row's code is above (0 to t). So

    cell = Σ over the group's tests of stride · (code > rank).

An entry is one feature of one group: all its amounts, by cell. Amounts of the group's leaves are added when
the table is made, so one look-up answers for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.contributions.kernels import kernel
from models.contributions.paths import NO_BOUND
from models.contributions.quadrature import rules_up_to

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.paths import Paths

LINE = 8
"""Doubles in a line of cache."""


class Tests(NamedTuple):
    """The tests of all groups: group by group, column by column, by rank. `first` int64 (groups + 1,).

    `column` uint32 and `rank` uint16; `stride` uint16 is what a test that is passed adds to the cell.
    """

    first: NDArray[np.int64]
    column: NDArray[np.uint32]
    rank: NDArray[np.uint16]
    stride: NDArray[np.uint16]


class Entries(NamedTuple):
    """The tables of all groups, entry by entry.

    Group g has `cells[g]` cells and the entries from `first[g]` (int64, groups + 1) up to the next, by
    `feature` (uint32). The amounts of entry e are `amounts[base[e] + cell]`, base int64.
    """

    cells: NDArray[np.int64]
    first: NDArray[np.int64]
    feature: NDArray[np.uint32]
    base: NDArray[np.int64]
    amounts: NDArray[np.float64]

    @property
    def groups(self) -> int:
        """The number of groups."""
        return len(self.cells)


class Cells(NamedTuple):
    """The same tables, cell by cell: for a row alone, which then reads one line of memory and not many.

    The amounts of group g stand side by side, in the order of its entries `first[g]` up to the next, of
    `feature`, from `amounts[base[g] + cell * width[g]]`; base and width are uint64.
    """

    first: NDArray[np.int64]
    feature: NDArray[np.uint32]
    base: NDArray[np.uint64]
    width: NDArray[np.uint64]
    amounts: NDArray[np.float64]


def tests_of(paths: Paths, group: NDArray[np.int64]) -> tuple[Tests, NDArray[np.int64]]:
    """Return the tests of groups, each once, and how many cells each group has."""
    of_condition = np.repeat(group, np.diff(paths.first_condition))
    bounds = []
    for bound in (paths.low, paths.high):
        kept = (of_condition >= 0) & (bound >= 0) & (bound < NO_BOUND)
        bounds.append(np.stack([of_condition[kept], paths.column[kept], bound[kept]]))
    groups = int(group.max(initial=-1)) + 1
    in_group, column, rank = np.concatenate(bounds, axis=1)
    key = np.unique((in_group << 40) + (column << 16) + rank)
    in_group, column, rank = key >> 40, (key >> 16) & (2**24 - 1), key & (2**16 - 1)
    first = np.searchsorted(in_group, np.arange(groups + 1))
    starts = np.flatnonzero(np.diff(key >> 16, prepend=-1))
    radix = np.diff(np.append(starts, len(key))) + 1
    stride, cells = np.ones(len(starts), np.int64), np.ones(groups, np.int64)
    nth = np.arange(len(starts)) - np.searchsorted(starts, first)[in_group[starts]]
    for n in range(int(nth.max(initial=-1)) + 1):
        here = nth == n
        owner = in_group[starts[here]]
        stride[here] = cells[owner]
        cells[owner] *= radix[here]
    of_test = np.repeat(stride, radix - 1)
    tests = Tests(first, column.astype(np.uint32), rank.astype(np.uint16), of_test.astype(np.uint16))
    return tests, cells


def entries_of(paths: Paths, group: NDArray[np.int64], tests: Tests, cells: NDArray[np.int64]) -> Entries:
    """Return the tables of groups, filled."""
    of_feature = np.repeat(group, paths.features_of)
    kept = of_feature >= 0
    key = np.unique((of_feature[kept] << 32) + paths.feature[kept])
    base = np.concatenate([[0], np.cumsum(cells[key >> 32])])
    entries = Entries(
        cells=cells,
        first=np.searchsorted(key >> 32, np.arange(len(cells) + 1)),
        feature=(key & (2**32 - 1)).astype(np.uint32),
        base=base[:-1],
        amounts=np.zeros(base[-1]),
    )
    most = int(paths.features_of[group >= 0].max(initial=0))
    fill_entries(paths, group, *rules_up_to(most), tests, entries)
    return entries


def cells_of(entries: Entries) -> Cells:
    """Return tables cell by cell, each row of which begins with a line of memory or a fitting part of one."""
    width = _padded(np.diff(entries.first))
    base = np.concatenate([[0], np.cumsum(_lines(entries.cells * width))])
    amounts = _aligned(int(base[-1]))
    for group, cells in enumerate(entries.cells.tolist()):
        start, size = (
            int(entries.base[entries.first[group]]),
            int(entries.first[group + 1] - entries.first[group]),
        )
        table = amounts[base[group] : base[group] + cells * width[group]].reshape(cells, width[group])
        table[:, :size] = entries.amounts[start : start + cells * size].reshape(size, cells).T
    return Cells(
        entries.first, entries.feature, base[:-1].astype(np.uint64), width.astype(np.uint64), amounts
    )


def _padded(width: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return widths, not less than the given ones, with which no row lies in more lines than it must."""
    halves = 2 ** np.ceil(np.log2(np.maximum(width, 1))).astype(np.int64)
    return np.where(width < LINE, halves, _lines(width))


def _lines(doubles: NDArray[np.int64]) -> NDArray[np.int64]:
    return (doubles + LINE - 1) // LINE * LINE


def _aligned(doubles: int) -> NDArray[np.float64]:
    """Return zeros that begin with a line of cache."""
    room = np.zeros(doubles + LINE)
    skip = (-room.ctypes.data // 8) % LINE
    return room[skip : skip + doubles]


@kernel()
def fill_entries(  # noqa: C901, PLR0912  # a kernel: plain loops
    paths: Any, group: Any, nodes: Any, weights: Any, tests: Any, entries: Any
) -> None:
    """Add the amounts of each leaf to the tables of its group, in the order of leaves.

    A leaf of k features has 2^k patterns of conditions passed. Their amounts are computed once; each cell
    then takes those of its pattern.
    """
    most = len(nodes) - 1
    amounts = np.empty((2**most, most))
    before = np.empty(most + 1)
    most_cells = 0
    for size in entries.cells:
        most_cells = max(most_cells, size)
    pattern = np.empty(most_cells, np.int64)
    for leaf in range(len(group)):
        mine = group[leaf]
        if mine < 0:
            continue
        start, k = paths.first_feature[leaf], paths.first_feature[leaf + 1] - paths.first_feature[leaf]
        for passed in range(2**k):
            for i in range(k):
                amounts[passed, i] = 0.0
            for point in range((k + 1) // 2):
                t = nodes[k, point]
                before[0] = paths.value[leaf] * weights[k, point]
                for i in range(k):
                    o = 1.0 if passed >> i & 1 else 0.0
                    before[i + 1] = before[i] * (o * t + paths.ratio[start + i] * (1.0 - t))
                after = 1.0
                for i in range(k - 1, -1, -1):
                    o = 1.0 if passed >> i & 1 else 0.0
                    amounts[passed, i] += before[i] * after * (o - paths.ratio[start + i])
                    after *= o * t + paths.ratio[start + i] * (1.0 - t)
        pattern[: entries.cells[mine]] = 2**k - 1
        for at in range(paths.first_condition[leaf], paths.first_condition[leaf + 1]):
            stride, radix, above, below = 1, 1, 0, NO_BOUND
            for test in range(tests.first[mine], tests.first[mine + 1]):
                if tests.column[test] == paths.column[at]:
                    stride = int(tests.stride[test])
                    if tests.rank[test] == paths.low[at]:
                        above = radix
                    if tests.rank[test] == paths.high[at]:
                        below = radix
                    radix += 1
            clear = ~(1 << paths.slot[at])
            for outer in range(0, entries.cells[mine], stride * radix):
                for digit in range(radix):
                    if not above <= digit < below:
                        for cell in range(outer + digit * stride, outer + (digit + 1) * stride):
                            pattern[cell] &= clear
        for i in range(k):
            entry = entries.first[mine]
            while entries.feature[entry] != paths.feature[start + i]:
                entry += 1
            for cell in range(entries.cells[mine]):
                entries.amounts[entries.base[entry] + cell] += amounts[pattern[cell], i]
