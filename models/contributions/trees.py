"""A booster's own text becomes arrays: the trees, as LightGBM walks them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from models.contributions.errors import NoContributionsError, NotTabulatedError

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Trees:
    """All trees with more than one leaf, one after another. Children are numbered over all trees.

    Of each node: `feature` int64, `threshold` float64, `decision` int64 (LightGBM's bits: 1 a split by
    categories, 2 what is missing goes left, 4 and 8 the kind of missing value), `left` and `right` int64
    (a node's number, or ~ a leaf's number), `node_count` float64. Of each leaf: `value` and `leaf_count`
    float64. Tree i has the nodes `first_node[i]` up to `first_node[i + 1]`, and leaves likewise.
    `categories[n]` are the categories, uint32 bits, that node n sends left.

    `expected` is the expected margin of all trees, also of those with one leaf.
    """

    features: int
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    decision: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    node_count: NDArray[np.float64]
    value: NDArray[np.float64]
    leaf_count: NDArray[np.float64]
    first_node: NDArray[np.int64]
    first_leaf: NDArray[np.int64]
    categories: dict[int, NDArray[np.uint32]]
    expected: float

    @property
    def nodes(self) -> int:
        """The number of all nodes."""
        return len(self.feature)

    @property
    def leaves(self) -> int:
        """The number of all leaves of trees with more than one."""
        return len(self.value)


def trees_of(booster: lightgbm.Booster) -> Trees:
    """Return the trees that `booster.predict` uses: up to the best iteration where one was found.

    The text holds thresholds and values with 17 digits, which is all of a double. Raises
    NoContributionsError where LightGBM has no contributions, or several for each row, and NotTabulatedError
    where the text is not as expected.
    """
    text = booster.model_to_string()
    head, *bodies = text.split("\nTree=")
    said = _fields(head)
    classes = int(said.get("num_tree_per_iteration", "1"))
    if classes != 1:
        raise NoContributionsError(
            f"Expected a booster with one margin for each row, found {classes} margins for each. "
            "Train one booster with the objective 'binary' for each class."
        )
    bodies[-1:] = [body.split("\nend of trees")[0] for body in bodies[-1:]]
    trees = [_fields(body) for body in bodies]
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise NoContributionsError(
            "Expected leaves that are constants, found linear models in leaves, for which contributions are "
            "not defined. Train the booster with linear_tree=false."
        )
    try:
        return _joined(trees, booster.num_feature())
    except (KeyError, ValueError, IndexError) as error:
        raise NotTabulatedError(f"The booster's text is not as expected: {error!r}.") from error


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)


def _joined(trees: list[dict[str, str]], features: int) -> Trees:
    """Return trees as arrays.

    Nothing is averaged for a random forest (`average_output`): LightGBM averages its probabilities, while raw
    scores and contributions are the sum over trees.
    """
    constants = [float(tree["leaf_value"]) for tree in trees if tree["num_leaves"] == "1"]
    trees = [tree for tree in trees if tree["num_leaves"] != "1"]
    leaves = np.asarray([int(tree["num_leaves"]) for tree in trees], np.int64)
    first_leaf = _offsets(leaves)
    first_node = _offsets(leaves - 1)
    feature = _numbers(trees, "split_feature", np.int64)
    decision = _numbers(trees, "decision_type", np.int64)
    threshold = _numbers(trees, "threshold", np.float64)
    node_count = _numbers(trees, "internal_count", np.float64)
    leaf_count = _numbers(trees, "leaf_count", np.float64)
    value = _numbers(trees, "leaf_value", np.float64)
    of_nodes = (feature, decision, threshold, node_count)
    if any(len(part) != first_node[-1] for part in of_nodes) or len(leaf_count) != len(value):
        raise ValueError("arrays of different lengths")
    if (
        not (node_count[first_node[:-1]] > 0).all()
        or np.isnan(threshold).any()
        or not np.isfinite(value).all()
    ):
        raise ValueError("trees that learned from no row, or values that are no numbers")
    tree_of_node = np.repeat(np.arange(len(trees)), leaves - 1)
    left, right = (
        _children(_numbers(trees, key, np.int64), first_node[tree_of_node], first_leaf[tree_of_node])
        for key in ("left_child", "right_child")
    )
    _refuse_unsound(feature, features, left, right, first_node)
    roots = np.repeat(node_count[first_node[:-1]], leaves)
    return Trees(
        features=features,
        feature=feature,
        threshold=threshold,
        decision=decision,
        left=left,
        right=right,
        node_count=node_count,
        value=value,
        leaf_count=leaf_count,
        first_node=first_node,
        first_leaf=first_leaf,
        categories=_categories(trees, first_node, decision, threshold),
        expected=math.fsum([*(leaf_count / roots * value).tolist(), *constants]),
    )


def _refuse_unsound(
    feature: NDArray[np.int64],
    features: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    first_node: NDArray[np.int64],
) -> None:
    """Raise ValueError unless nodes ask of features, and each node and leaf has one parent, above it."""
    if not ((feature >= 0) & (feature < features)).all():
        raise ValueError("a split on a feature that is not there")
    children, parents = np.concatenate([left, right]), np.tile(np.arange(len(left)), 2)
    is_node = children >= 0
    below = np.setdiff1d(np.arange(len(left)), first_node[:-1])
    leaves = np.arange(len(left) + len(first_node) - 1)
    if not (
        np.array_equal(np.sort(children[is_node]), below)
        and np.array_equal(np.sort(~children[~is_node]), leaves)
        and (children[is_node] > parents[is_node]).all()
    ):
        raise ValueError("nodes that make no tree")


def _numbers(trees: list[dict[str, str]], key: str, kind: Any) -> NDArray[Any]:
    read = float if kind is np.float64 else int
    return np.asarray([read(word) for tree in trees for word in tree[key].split()], kind)


def _offsets(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray([0, *accumulate(sizes.tolist())], np.int64)


def _children(
    children: NDArray[np.int64], first_node: NDArray[np.int64], first_leaf: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return children numbered over all trees, where ~ marks a leaf."""
    return np.where(children >= 0, children + first_node, ~(~children + first_leaf))


def _categories(
    trees: list[dict[str, str]],
    first_node: NDArray[np.int64],
    decision: NDArray[np.int64],
    threshold: NDArray[np.float64],
) -> dict[int, NDArray[np.uint32]]:
    """Return the bits of the categories that go left, for each node that asks for categories."""
    found = {}
    for number, tree in enumerate(trees):
        if tree["num_cat"] == "0":
            continue
        bounds = [int(word) for word in tree["cat_boundaries"].split()]
        words = np.asarray([int(word) for word in tree["cat_threshold"].split()], np.uint32)
        for node in range(int(first_node[number]), int(first_node[number + 1])):
            if decision[node] & 1:
                at = int(threshold[node])
                found[node] = words[bounds[at] : bounds[at + 1]]
    return found
