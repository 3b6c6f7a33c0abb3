"""A row alone: tables by cell, each of whose rows lies in one line of memory, or in a few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.contributions.codes import as_read, code_row
from models.contributions.columns import Columns
from models.contributions.kernels import kernel
from models.contributions.packed import (
    bytes_at,
    doubles_at,
    packed,
    shorts_at,
    sizes_at,
    wholes_at,
    words_at,
)
from models.contributions.tables import Cells, Tests

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.compiled import TreeTables

EXPECTED, NUMBERS = range(2)
"""The places of the arrays that hold a number alone."""

OF_COLUMNS, OF_TESTS, OF_CELLS = 2, 8, 12
"""The places of the first arrays of columns, of tests and of cells; the others follow in their order."""


def packed_tables(tables: TreeTables) -> NDArray[np.int64]:
    """Return what `explain_packed` reads, packed; but the amounts, which are large, stay where they are."""
    numbers = np.asarray([tables.expected]), np.asarray([tables.columns.numbers], np.int64)
    return packed([*numbers, *tables.columns[1:], *tables.tests, *tables.cells[:-1]])


@kernel()
def explain_row_wise(  # what a booster becomes, part by part
    vectors: Any, found: Any, expected: float, columns: Any, tests: Any, cells: Any
) -> float:
    """Fill `found`, float64 (n, features + 1), row by row. Returns a number that means nothing.

    The first pass over the groups finds where each is to be read. The second does nothing but read both ends
    of that, so that memory, from which most of it comes where other work was done before, is waited for all
    at once and not group by group; the number is what keeps a compiler from leaving that out.
    """
    features, groups = vectors.shape[1], len(tests.first) - 1
    values = np.empty(features)
    codes = np.empty(len(columns.feature), np.uint32)
    added = np.empty(len(tests.column), np.uint32)
    places = np.empty(groups, np.uint64)
    touched = 0.0
    for row in range(len(vectors)):
        for feature in range(features):
            values[feature] = as_read(vectors[row, feature])
            found[row, feature] = 0.0
        found[row, features] = expected
        code_row(values, codes, columns)
        for test in range(len(tests.column)):
            # All ones where the code is above the rank: without a jump, as no row is like the one before it.
            above = (np.int64(tests.rank[test]) - np.int64(codes[tests.column[test]])) >> 63
            added[test] = np.uint32(above & np.int64(tests.stride[test]))
        for group in range(groups):
            cell = np.uint64(0)
            for test in range(tests.first[group], tests.first[group + 1]):
                cell += np.uint64(added[test])
            places[group] = cells.base[group] + cell * cells.width[group]
        for group in range(groups):
            first = places[group]
            touched += cells.amounts[first] + cells.amounts[first + cells.width[group] - np.uint64(1)]
        for group in range(groups):
            place = places[group]
            for entry in range(cells.first[group], cells.first[group + 1]):
                found[row, cells.feature[entry]] += cells.amounts[place]
                place += np.uint64(1)
    return touched


@kernel()
def explain_packed(vectors: Any, found: Any, held: Any, amounts: Any) -> None:
    """Fill `found` as `explain_row_wise` does, from packed tables and the amounts of their cells."""
    columns = Columns(
        wholes_at(held, NUMBERS)[0],
        words_at(held, OF_COLUMNS),
        bytes_at(held, OF_COLUMNS + 1),
        shorts_at(held, OF_COLUMNS + 2),
        wholes_at(held, OF_COLUMNS + 3),
        doubles_at(held, OF_COLUMNS + 4),
        words_at(held, OF_COLUMNS + 5),
    )
    tests = Tests(
        wholes_at(held, OF_TESTS),
        words_at(held, OF_TESTS + 1),
        shorts_at(held, OF_TESTS + 2),
        shorts_at(held, OF_TESTS + 3),
    )
    cells = Cells(
        wholes_at(held, OF_CELLS),
        words_at(held, OF_CELLS + 1),
        sizes_at(held, OF_CELLS + 2),
        sizes_at(held, OF_CELLS + 3),
        amounts,
    )
    explain_row_wise(vectors, found, doubles_at(held, EXPECTED)[0], columns, tests, cells)
