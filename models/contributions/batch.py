"""Many rows at once: blocks of rows, and tables by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.contributions.codes import as_read, code_block
from models.contributions.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.tables import Entries

BLOCK = 512
"""Rows that are worked on together."""

CHUNK = 16
"""Groups whose cells are known at a time."""

TOGETHER = 4
"""Entries of one feature that are added in one go."""


class Schedule(NamedTuple):
    """In which order entries are added: chunk by chunk of groups, feature by feature, group by group.

    So each feature's entries are added in the order of groups. Up to TOGETHER entries of one feature in
    one chunk are a pass: `feature` and `first` (passes + 1) say whose and which entries it has; of these,
    `slot` is the group's number in its chunk and `base` where the entry's `amounts` begin. Chunk c has the
    passes from `first_pass[c]` up to the next.
    """

    first_pass: NDArray[np.int64]
    feature: NDArray[np.uint32]
    first: NDArray[np.int64]
    slot: NDArray[np.uint32]
    base: NDArray[np.uint64]
    amounts: NDArray[np.float64]


def schedule_of(entries: Entries) -> Schedule:
    """Return the order in which the entries are added."""
    group = np.repeat(np.arange(entries.groups), np.diff(entries.first))
    order = np.lexsort((group, entries.feature, group // CHUNK))
    chunk, feature = group[order] // CHUNK, entries.feature[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (chunk[1:] != chunk[:-1]) | (feature[1:] != feature[:-1])
    starts = np.flatnonzero(is_first)
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    passes = np.flatnonzero(nth % TOGETHER == 0)
    chunks = (entries.groups + CHUNK - 1) // CHUNK
    return Schedule(
        first_pass=np.searchsorted(chunk[passes], np.arange(chunks + 1)),
        feature=feature[passes],
        first=np.append(passes, len(order)),
        slot=(group[order] % CHUNK).astype(np.uint32),
        base=entries.base[order].astype(np.uint64),
        amounts=entries.amounts,
    )


@kernel()
def explain_block_wise(  # noqa: C901, PLR0912, PLR0917  # a kernel: plain loops
    vectors: Any, found: Any, start: int, stop: int, expected: float, columns: Any, tests: Any, schedule: Any
) -> None:
    """Fill the rows of `found`, float64 (n, features + 1), from `start` up to `stop`."""
    features, groups = vectors.shape[1], len(tests.first) - 1
    values, sums = np.empty((features, BLOCK)), np.empty((features, BLOCK))
    codes = np.empty((len(columns.feature), BLOCK), np.uint16)
    cells = np.empty((CHUNK, BLOCK), np.uint16)
    for begin in range(start, stop, BLOCK):
        rows = min(BLOCK, stop - begin)
        for row in range(rows):
            for feature in range(features):
                values[feature, row] = as_read(vectors[begin + row, feature])
        code_block(values, codes, rows, columns)
        for feature in range(features):
            for row in range(rows):
                sums[feature, row] = 0.0
        for chunk in range(len(schedule.first_pass) - 1):
            for nth in range(min(CHUNK, groups - chunk * CHUNK)):
                group = chunk * CHUNK + nth
                for row in range(rows):
                    cells[nth, row] = 0
                for test in range(tests.first[group], tests.first[group + 1]):
                    column, rank, stride = tests.column[test], tests.rank[test], tests.stride[test]
                    for row in range(rows):
                        cells[nth, row] += stride if codes[column, row] > rank else np.uint16(0)
            for number in range(schedule.first_pass[chunk], schedule.first_pass[chunk + 1]):
                add_pass(sums, cells, rows, schedule, number)
        for row in range(rows):
            for feature in range(features):
                found[begin + row, feature] = sums[feature, row]
            found[begin + row, features] = expected


@kernel()
def add_pass(sums: Any, cells: Any, rows: int, schedule: Any, number: int) -> None:
    """Add up to four entries to the sums of a feature, one after the other."""
    feature, table = schedule.feature[number], schedule.amounts
    entry, size = schedule.first[number], schedule.first[number + 1] - schedule.first[number]
    a, at = schedule.slot[entry], schedule.base[entry]
    if size == 1:
        for row in range(rows):
            sums[feature, row] += table[at + cells[a, row]]
        return
    b, bt = schedule.slot[entry + 1], schedule.base[entry + 1]
    if size == 2:
        for row in range(rows):
            sums[feature, row] = (sums[feature, row] + table[at + cells[a, row]]) + table[bt + cells[b, row]]
        return
    c, ct = schedule.slot[entry + 2], schedule.base[entry + 2]
    if size == 3:
        for row in range(rows):
            two = (sums[feature, row] + table[at + cells[a, row]]) + table[bt + cells[b, row]]
            sums[feature, row] = two + table[ct + cells[c, row]]
        return
    d, dt = schedule.slot[entry + 3], schedule.base[entry + 3]
    for row in range(rows):
        two = (sums[feature, row] + table[at + cells[a, row]]) + table[bt + cells[b, row]]
        sums[feature, row] = (two + table[ct + cells[c, row]]) + table[dt + cells[d, row]]
