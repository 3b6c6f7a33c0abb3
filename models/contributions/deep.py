"""Leaves too deep for a table: the quadrature, for each row anew. Exact, but slower.

Two kernels, for one row and for a block of rows, do the same operations on each row in the same order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np

from models.contributions.quadrature import rules_up_to

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.paths import Paths


STRIP = 64
"""Rows of a block that are worked on in one go."""


class DeepLeaves(NamedTuple):
    """Leaves as `Paths` has them, and `nodes` and `weights` of the rules for each number of features."""

    value: NDArray[np.float64]
    first_feature: NDArray[np.int64]
    feature: NDArray[np.uint32]
    ratio: NDArray[np.float64]
    first_condition: NDArray[np.int64]
    column: NDArray[np.uint32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    slot: NDArray[np.uint32]
    nodes: NDArray[np.float64]
    weights: NDArray[np.float64]


def deep_leaves(paths: Paths, is_deep: NDArray[np.bool_]) -> DeepLeaves:
    """Return the leaves that are deep, bool (leaves,)."""
    features, conditions = paths.features_of, np.diff(paths.first_condition)
    of_feature, of_condition = np.repeat(is_deep, features), np.repeat(is_deep, conditions)
    return DeepLeaves(
        value=paths.value[is_deep],
        first_feature=np.cumsum([0, *features[is_deep]]),
        feature=paths.feature[of_feature].astype(np.uint32),
        ratio=paths.ratio[of_feature],
        first_condition=np.cumsum([0, *conditions[is_deep]]),
        column=paths.column[of_condition].astype(np.uint32),
        low=paths.low[of_condition].astype(np.int32),
        high=paths.high[of_condition].astype(np.int32),
        slot=paths.slot[of_condition].astype(np.uint32),
        **dict(zip(("nodes", "weights"), rules_up_to(int(features[is_deep].max(initial=0))), strict=True)),
    )


@numba.njit(cache=True, nogil=True)
def add_deep_row(codes: Any, sums: Any, deep: Any) -> None:
    """Add the amounts of the deep leaves to the sums, float64 (features + 1,), of the row of these codes."""
    most = len(deep.nodes)
    passed, factor, before, amount = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    for leaf in range(len(deep.value)):
        start, k = deep.first_feature[leaf], deep.first_feature[leaf + 1] - deep.first_feature[leaf]
        for i in range(k):
            passed[i], amount[i] = 1.0, 0.0
        for at in range(deep.first_condition[leaf], deep.first_condition[leaf + 1]):
            code = np.int32(codes[deep.column[at]])
            if not deep.low[at] < code <= deep.high[at]:
                passed[deep.slot[at]] = 0.0
        for point in range((k + 1) // 2):
            t = deep.nodes[k, point]
            so_far = deep.value[leaf] * deep.weights[k, point]
            for i in range(k):
                factor[i] = passed[i] * t + deep.ratio[start + i] * (1.0 - t)
                before[i] = so_far
                so_far *= factor[i]
            after = 1.0
            for i in range(k - 1, -1, -1):
                amount[i] += before[i] * after
                after *= factor[i]
        for i in range(k):
            sums[deep.feature[start + i]] += amount[i] * (passed[i] - deep.ratio[start + i])


@numba.njit(cache=True, nogil=True)
def add_deep_block(codes: Any, sums: Any, rows: int, deep: Any) -> None:
    """Add the amounts of all deep leaves to the sums, float64 (features, block), of `rows` rows.

    A block is a whole number of strips; the rows after the last are worked on too, for nothing.
    """
    most = len(deep.nodes)
    passed, factor = np.empty((most, STRIP)), np.empty((most, STRIP))
    before, amount = np.empty((most, STRIP)), np.empty((most, STRIP))
    product = np.empty(STRIP)
    for leaf in range(len(deep.value)):
        start, k = deep.first_feature[leaf], deep.first_feature[leaf + 1] - deep.first_feature[leaf]
        for begin in range(0, rows, STRIP):
            for i in range(k):
                _fill(passed[i], 1.0)
                _fill(amount[i], 0.0)
            for at in range(deep.first_condition[leaf], deep.first_condition[leaf + 1]):
                here = codes[deep.column[at], begin : begin + STRIP]
                _ask(passed[deep.slot[at]], here, deep.low[at], deep.high[at])
            for point in range((k + 1) // 2):
                t = deep.nodes[k, point]
                _fill(product, deep.value[leaf] * deep.weights[k, point])
                for i in range(k):
                    _go_up(factor[i], before[i], product, passed[i], t, deep.ratio[start + i] * (1.0 - t))
                _fill(product, 1.0)
                for i in range(k - 1, -1, -1):
                    _come_back(amount[i], before[i], product, factor[i])
            for i in range(k):
                _give(
                    sums[deep.feature[start + i], begin : begin + STRIP],
                    amount[i],
                    passed[i],
                    deep.ratio[start + i],
                )


# One line of arithmetic each, on strips of rows: what a compiler makes vectors of.


@numba.njit(cache=True, nogil=True)
def _fill(strip: Any, value: Any) -> None:
    for row in range(STRIP):
        strip[row] = value


@numba.njit(cache=True, nogil=True)
def _ask(passed: Any, codes: Any, low: Any, high: Any) -> None:
    for row in range(STRIP):
        code = np.int32(codes[row])
        passed[row] = passed[row] if (code > low) & (code <= high) else 0.0


@numba.njit(cache=True, nogil=True)
def _go_up(factor: Any, before: Any, product: Any, passed: Any, t: Any, rest: Any) -> None:
    for row in range(STRIP):
        factor[row] = passed[row] * t + rest
        before[row] = product[row]
        product[row] *= factor[row]


@numba.njit(cache=True, nogil=True)
def _come_back(amount: Any, before: Any, product: Any, factor: Any) -> None:
    for row in range(STRIP):
        amount[row] += before[row] * product[row]
        product[row] *= factor[row]


@numba.njit(cache=True, nogil=True)
def _give(sums: Any, amount: Any, passed: Any, ratio: Any) -> None:
    for row in range(STRIP):
        sums[row] += amount[row] * (passed[row] - ratio)
