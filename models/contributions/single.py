"""A row alone: tables by cell, each of whose rows lies in one line of memory, or in a few."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.contributions.codes import as_read, code_row
from models.contributions.kernels import kernel


@kernel()
def explain_row_wise(  # what a booster becomes, part by part
    vectors: Any, found: Any, expected: float, columns: Any, tests: Any, cells: Any
) -> float:
    """Fill `found`, float64 (n, features + 1), row by row. Returns a number that means nothing.

    The first pass over the groups finds where each is to be read, and reads it, so that memory is waited for
    once and not group by group; the number is what keeps a compiler from leaving that out.
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
            touched += cells.amounts[places[group]]
        for group in range(groups):
            place = places[group]
            for entry in range(cells.first[group], cells.first[group + 1]):
                found[row, cells.feature[entry]] += cells.amounts[place]
                place += np.uint64(1)
    return touched
