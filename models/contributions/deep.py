"""Leaves too deep for a table: the quadrature (`quadrature.py`), for each row anew. Exact, but slower.

With the factors f_j = z_j (1 - t) + o_j t of a leaf's k features at a point t of weight w, feature i gets

    (o_i - z_i) · Σ over points of (v · w · Π_j f_j) · (1 / f_i).

Three points are worked on at a time. Two kernels do the same operations on each row in the same order: one
takes many rows through a leaf side by side, the other one row through many leaves of equally many features.
Both go on from the sums that the tables have left, and are compiled only where a booster has such leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.contributions.batch import BLOCK
from models.contributions.codes import as_read, code_block, code_row
from models.contributions.kernels import kernel
from models.contributions.quadrature import rules_up_to

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.paths import Paths

STRIP = 64
"""Rows that go through a leaf side by side; a divisor of a block's rows."""

LANES = 16
"""Leaves that a row goes through side by side: a pack."""

POINTS = 3
"""Points that are worked on at a time; a rule is filled up with points of no weight."""


class DeepLeaves(NamedTuple):
    """Leaves in packs of LANES with equally many features, filled up with leaves of value 0 that ask nothing.

    `value` float64 (packs, LANES). Pack p has `features[p]` features, int64; of its leaf l, feature i is
    `feature[first[p] + i, l]`, uint32, and its `ratio`, float64, stands at the same place. A leaf has the
    conditions from `first_condition[p * LANES + l]` up to the next, as `Paths` describes them. `nodes` and
    `weights` are the rules for each number of features.
    """

    value: NDArray[np.float64]
    features: NDArray[np.int64]
    first: NDArray[np.int64]
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
    """Return the leaves that are deep, bool (leaves,), by number of features, then in their order."""
    leaves: list[int] = []
    packs: list[int] = []
    feature, ratio = [np.zeros((0, LANES), np.int64)], [np.zeros((0, LANES))]
    for k in np.unique(paths.features_of[is_deep]).tolist():
        mine = np.flatnonzero(is_deep & (paths.features_of == k))
        count = -(-len(mine) // LANES)
        at = paths.first_feature[mine][:, None] + np.arange(k)
        for values, into, filling in ((paths.feature, feature, 0), (paths.ratio, ratio, 1.0)):
            of_leaf = np.full((count * LANES, k), filling, values.dtype)
            of_leaf[: len(mine)] = values[at]
            into.append(of_leaf.reshape(count, LANES, k).transpose(0, 2, 1).reshape(-1, LANES))
        leaves += [*mine.tolist(), *([-1] * (count * LANES - len(mine)))]
        packs += [k] * count
    order = np.asarray(leaves, np.int64)
    is_real = order >= 0
    conditions = np.zeros(len(order), np.int64)
    conditions[is_real] = np.diff(paths.first_condition)[order[is_real]]
    first_condition = np.cumsum([0, *conditions.tolist()], dtype=np.int64)
    within = np.arange(first_condition[-1]) - np.repeat(first_condition[:-1], conditions)
    asked = np.repeat(paths.first_condition[order], conditions) + within
    value = np.zeros(len(order))
    value[is_real] = paths.value[order[is_real]]
    nodes, weights = rules_up_to(max(packs, default=0))
    spare = ((0, 0), (0, -nodes.shape[1] % POINTS))
    return DeepLeaves(
        value=value.reshape(-1, LANES),
        features=np.asarray(packs, np.int64),
        first=np.cumsum([0, *packs], dtype=np.int64)[:-1],
        feature=np.concatenate(feature).astype(np.uint32),
        ratio=np.concatenate(ratio),
        first_condition=first_condition,
        column=paths.column[asked].astype(np.uint32),
        low=paths.low[asked].astype(np.int32),
        high=paths.high[asked].astype(np.int32),
        slot=paths.slot[asked].astype(np.uint32),
        nodes=np.pad(nodes, spare),
        weights=np.pad(weights, spare),
    )


@kernel()
def add_deep_row_wise(vectors: Any, found: Any, columns: Any, deep: Any) -> None:
    """Add what deep leaves give to rows of `found`, float64 (n, features + 1), one by one."""
    values = np.empty(vectors.shape[1])
    codes = np.empty(len(columns.feature), np.uint32)
    for row in range(len(vectors)):
        for feature in range(len(values)):
            values[feature] = as_read(vectors[row, feature])
        code_row(values, codes, columns)
        add_deep_row(codes, found[row], deep)


@kernel()
def add_deep_block_wise(vectors: Any, found: Any, start: int, stop: int, columns: Any, deep: Any) -> None:
    """Add what deep leaves give to the rows of `found` from `start` up to `stop`."""
    features = vectors.shape[1]
    values, sums = np.empty((features, BLOCK)), np.zeros((features, BLOCK))
    codes = np.zeros((len(columns.feature), BLOCK), np.uint16)
    for begin in range(start, stop, BLOCK):
        rows = min(BLOCK, stop - begin)
        for row in range(rows):
            for feature in range(features):
                values[feature, row] = as_read(vectors[begin + row, feature])
                sums[feature, row] = found[begin + row, feature]
        code_block(values, codes, rows, columns)
        add_deep_block(codes, sums, rows, deep)
        for row in range(rows):
            for feature in range(features):
                found[begin + row, feature] = sums[feature, row]


@kernel(error_model="numpy")
def add_deep_row(codes: Any, sums: Any, deep: Any) -> None:  # noqa: C901, PLR0912  # a kernel: plain loops
    """Add the amounts of the deep leaves to the sums, float64 (features + 1,), of the row of these codes."""
    most = len(deep.nodes)
    passed, amount = np.empty((most, LANES)), np.empty((most, LANES))
    products = np.empty((POINTS, LANES))
    for pack in range(len(deep.features)):
        k, first = deep.features[pack], deep.first[pack]
        for i in range(k):
            for lane in range(LANES):
                passed[i, lane], amount[i, lane] = 1.0, 0.0
        for lane in range(LANES):
            leaf = pack * LANES + lane
            for at in range(deep.first_condition[leaf], deep.first_condition[leaf + 1]):
                code = np.int32(codes[deep.column[at]])
                passed[deep.slot[at], lane] *= np.float64((code > deep.low[at]) & (code <= deep.high[at]))
        for point in range(0, (k + 1) // 2, POINTS):
            for nth in range(POINTS):
                weight = deep.weights[k, point + nth]
                for lane in range(LANES):
                    products[nth, lane] = deep.value[pack, lane] * weight
            ta, tb, tc = deep.nodes[k, point], deep.nodes[k, point + 1], deep.nodes[k, point + 2]
            for i in range(k):
                _narrow_leaves(products, passed, i, deep.ratio, first + i, ta, tb, tc)
            for i in range(k):
                _share_leaves(amount, products, passed, i, deep.ratio, first + i, ta, tb, tc)
        for lane in range(LANES):
            if deep.value[pack, lane] != 0.0:
                for i in range(k):
                    share = amount[i, lane] * (passed[i, lane] - deep.ratio[first + i, lane])
                    sums[deep.feature[first + i, lane]] += share


# Whole arrays and places in them are handed on, not views: a view is counted, which costs more than the work.


@kernel(error_model="numpy")
def _narrow_leaves(  # noqa: PLR0917  # a line of a kernel
    products: Any, passed: Any, i: Any, ratio: Any, at: Any, ta: Any, tb: Any, tc: Any
) -> None:
    for lane in range(LANES):
        products[0, lane] *= ratio[at, lane] * (1.0 - ta) + passed[i, lane] * ta
        products[1, lane] *= ratio[at, lane] * (1.0 - tb) + passed[i, lane] * tb
        products[2, lane] *= ratio[at, lane] * (1.0 - tc) + passed[i, lane] * tc


@kernel(error_model="numpy")
def _share_leaves(  # noqa: PLR0913, PLR0917  # a line of a kernel
    amount: Any, products: Any, passed: Any, i: Any, ratio: Any, at: Any, ta: Any, tb: Any, tc: Any
) -> None:
    for lane in range(LANES):
        of_a = products[0, lane] * (1.0 / (ratio[at, lane] * (1.0 - ta) + passed[i, lane] * ta))
        of_b = products[1, lane] * (1.0 / (ratio[at, lane] * (1.0 - tb) + passed[i, lane] * tb))
        of_c = products[2, lane] * (1.0 / (ratio[at, lane] * (1.0 - tc) + passed[i, lane] * tc))
        amount[i, lane] = ((amount[i, lane] + of_a) + of_b) + of_c


@kernel(error_model="numpy")
def add_deep_block(  # noqa: C901, PLR0912  # a kernel: plain loops
    codes: Any, sums: Any, rows: int, deep: Any
) -> None:
    """Add the amounts of the deep leaves to the sums, float64 (features, block), of `rows` rows.

    Rows after the last are worked on up to the end of a strip, for nothing.
    """
    most = len(deep.nodes)
    passed, amount = np.empty((most, STRIP)), np.empty((most, STRIP))
    products = np.empty((POINTS, STRIP))
    # Of each feature at each point: its factor where the row fails or passes, and 1 over them.
    factors = np.empty((most, deep.nodes.shape[1] // POINTS, 4, POINTS))
    for leaf in range(len(deep.value) * LANES):
        pack, lane = leaf // LANES, leaf % LANES
        value = deep.value[pack, lane]
        if value == 0.0:
            continue
        k, first = deep.features[pack], deep.first[pack]
        triples = ((k + 1) // 2 + POINTS - 1) // POINTS
        for i in range(k):
            for triple in range(triples):
                for nth in range(POINTS):
                    t = deep.nodes[k, triple * POINTS + nth]
                    failed = deep.ratio[first + i, lane] * (1.0 - t)
                    factors[i, triple, 0, nth], factors[i, triple, 1, nth] = failed, failed + t
                    factors[i, triple, 2, nth], factors[i, triple, 3, nth] = 1.0 / failed, 1.0 / (failed + t)
        for begin in range(0, rows, STRIP):
            for i in range(k):
                for row in range(STRIP):
                    passed[i, row], amount[i, row] = 1.0, 0.0
            for at in range(deep.first_condition[leaf], deep.first_condition[leaf + 1]):
                _ask(passed, deep.slot[at], codes, deep.column[at], begin, deep.low[at], deep.high[at])
            for triple in range(triples):
                for nth in range(POINTS):
                    weight = deep.weights[k, triple * POINTS + nth]
                    for row in range(STRIP):
                        products[nth, row] = value * weight
                for i in range(k):
                    _narrow_rows(products, passed, i, factors, triple)
                for i in range(k):
                    _share_rows(amount, products, passed, i, factors, triple)
            for i in range(k):
                _give(
                    sums, deep.feature[first + i, lane], begin, amount, passed, i, deep.ratio[first + i, lane]
                )


@kernel(error_model="numpy")
def _ask(  # noqa: PLR0917  # a line of a kernel
    passed: Any, i: Any, codes: Any, column: Any, begin: Any, low: Any, high: Any
) -> None:
    for row in range(STRIP):
        code = np.int32(codes[column, begin + row])
        passed[i, row] = passed[i, row] if (code > low) & (code <= high) else 0.0


@kernel(error_model="numpy")
def _narrow_rows(products: Any, passed: Any, i: Any, factors: Any, triple: Any) -> None:
    if_a, if_b, if_c = factors[i, triple, 1, 0], factors[i, triple, 1, 1], factors[i, triple, 1, 2]
    else_a, else_b, else_c = factors[i, triple, 0, 0], factors[i, triple, 0, 1], factors[i, triple, 0, 2]
    for row in range(STRIP):
        is_passed = passed[i, row] > 0.0
        products[0, row] *= if_a if is_passed else else_a
        products[1, row] *= if_b if is_passed else else_b
        products[2, row] *= if_c if is_passed else else_c


@kernel(error_model="numpy")
def _share_rows(amount: Any, products: Any, passed: Any, i: Any, factors: Any, triple: Any) -> None:
    if_a, if_b, if_c = factors[i, triple, 3, 0], factors[i, triple, 3, 1], factors[i, triple, 3, 2]
    else_a, else_b, else_c = factors[i, triple, 2, 0], factors[i, triple, 2, 1], factors[i, triple, 2, 2]
    for row in range(STRIP):
        is_passed = passed[i, row] > 0.0
        of_a = products[0, row] * (if_a if is_passed else else_a)
        of_b = products[1, row] * (if_b if is_passed else else_b)
        of_c = products[2, row] * (if_c if is_passed else else_c)
        amount[i, row] = ((amount[i, row] + of_a) + of_b) + of_c


@kernel(error_model="numpy")
def _give(  # noqa: PLR0917  # a line of a kernel
    sums: Any, feature: Any, begin: Any, amount: Any, passed: Any, i: Any, ratio: Any
) -> None:
    for row in range(STRIP):
        sums[feature, begin + row] += amount[i, row] * (passed[i, row] - ratio)
