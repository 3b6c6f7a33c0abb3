"""Leaves with their conditions: all tests of a path that ask one thing are one condition.

Let a path from the root to a leaf of value v test k different features. For feature j, o_j is 1 if a row
passes all of its tests and 0 if not, and z_j is the product of their cover ratios: rows of the child that
lies on the path over rows of the node, both as counted in training. That is all that path-dependent
TreeSHAP needs to know of a leaf (Lundberg et al. 2020, doi 10.1038/s42256-019-0138-9, algorithm 2, in which
a second test of a feature takes the place of the first with the product of both ratios).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.columns import Columns, Questions
    from models.contributions.trees import Trees

NO_BOUND = 2**30
"""The upper bound of codes where there is none."""


class Paths(NamedTuple):
    """All leaves, tree by tree and from left to right.

    `first_leaf` int64 (trees + 1,): where a tree's leaves begin. `value` float64 (leaves,). A leaf has the
    features from `first_feature[leaf]` up to the next: `feature` int64 and `ratio` float64 (z). It has the
    conditions from `first_condition[leaf]`: the codes of `column` pass that are above `low` (-1: all) and
    not above `high`; `slot` is the feature that it speaks of, counted from the leaf's first.
    """

    first_leaf: NDArray[np.int64]
    value: NDArray[np.float64]
    first_feature: NDArray[np.int64]
    feature: NDArray[np.int64]
    ratio: NDArray[np.float64]
    first_condition: NDArray[np.int64]
    column: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    slot: NDArray[np.int64]

    @property
    def leaves(self) -> int:
        """The number of leaves."""
        return len(self.value)

    @property
    def features_of(self) -> NDArray[np.int64]:
        """How many features each leaf has: k."""
        return np.diff(self.first_feature)


def paths_of(trees: Trees, columns: Columns, questions: Questions) -> Paths:
    """Return the leaves of trees with their conditions."""
    leaf, node, goes_right, ratio = _steps(trees)
    place = _from_left_to_right(trees, leaf, node, goes_right)
    at = place[leaf]
    order = np.lexsort((trees.feature[node], at))
    feature_key = (at[order] << 32) + trees.feature[node[order]]
    starts = np.flatnonzero(np.diff(feature_key, prepend=-1))
    of_feature = feature_key[starts]
    rank, column = questions.rank[node], questions.column[node]
    low, high = np.where(goes_right, rank, -1), np.where(goes_right, NO_BOUND, rank)
    by_column = np.lexsort((column, at))
    column_key = (at[by_column] << 32) + column[by_column]
    heads = np.flatnonzero(np.diff(column_key, prepend=-1))
    first_feature = np.searchsorted(of_feature >> 32, np.arange(trees.leaves + 1))
    owner = column_key[heads] >> 32
    about = (owner << 32) + columns.feature[column_key[heads] & _LOW_HALF]
    value = np.empty(trees.leaves)
    value[place] = trees.value
    return Paths(
        first_leaf=trees.first_leaf,
        value=value,
        first_feature=first_feature,
        feature=of_feature & _LOW_HALF,
        ratio=_reduced(np.multiply, ratio[order], starts),
        first_condition=np.searchsorted(owner, np.arange(trees.leaves + 1)),
        column=column_key[heads] & _LOW_HALF,
        low=_reduced(np.maximum, low[by_column], heads),
        high=_reduced(np.minimum, high[by_column], heads),
        slot=np.searchsorted(of_feature, about) - first_feature[owner],
    )


_LOW_HALF = 2**32 - 1


def _steps(trees: Trees) -> tuple[NDArray[Any], ...]:
    """Return all steps of all paths: the leaf, the node, whether the path goes right there, the cover ratio.

    One step up from all leaves at a time, so that the steps of a leaf stand in the order of its path, from
    the leaf to the root.
    """
    nodes, leaves = trees.nodes, trees.leaves
    # Nodes and leaves in one numbering: the number of a leaf counts on from that of the nodes.
    parent, is_right = np.full(nodes + leaves, -1), np.zeros(nodes + leaves, bool)
    for side, children in ((False, trees.left), (True, trees.right)):
        number = np.where(children >= 0, children, nodes + ~children)
        parent[number], is_right[number] = np.arange(nodes), side
    count = np.concatenate([trees.node_count, trees.leaf_count])
    leaf, here = np.arange(leaves), nodes + np.arange(leaves)
    found = []
    while len(leaf):
        above = parent[here]
        found.append((leaf, above, is_right[here], count[here] / count[above]))
        goes_on = parent[above] >= 0
        leaf, here = leaf[goes_on], above[goes_on]
    if not found:
        return leaf, leaf, leaf.astype(bool), leaf.astype(float)
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def _from_left_to_right(
    trees: Trees, leaf: NDArray[np.int64], node: NDArray[np.int64], goes_right: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the place of each leaf, int64 (leaves,), counted over all trees.

    To the left of a leaf stand the leaves that lie left of each node at which its path goes right.
    """
    left_leaves = np.bincount(node[~goes_right], minlength=trees.nodes)
    before = np.bincount(leaf, weights=np.where(goes_right, left_leaves[node], 0), minlength=trees.leaves)
    return before.astype(np.int64) + np.repeat(trees.first_leaf[:-1], np.diff(trees.first_leaf))


def _reduced(how: np.ufunc, values: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(how.reduceat(values, starts)) if len(starts) else values
