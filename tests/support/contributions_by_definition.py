"""Contributions as path-dependent TreeSHAP defines them, slowly and leaf by leaf, from a booster's JSON.

Where paths test dozens of features LightGBM's own contributions lose their digits, because its recursion
divides what it multiplied; these do not.

Source: Lundberg et al. 2020, doi 10.1038/s42256-019-0138-9, algorithm 1 with its weights as an integral.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import lightgbm
    from numpy.typing import NDArray

_NEAR_ZERO = float(np.float32(1e-35))
_MOST_INT = 2.0**31


@dataclass(frozen=True)
class _Test:
    """One test on a path: its node, whether the path goes left, and the share of the rows that go with it."""

    node: dict[str, Any]
    threshold: float
    left: bool
    share: float


def contributions_by_definition(
    booster: lightgbm.Booster, rows: NDArray[np.float64], trees: int
) -> NDArray[np.float64]:
    """Return contributions, float64 (n, features + 1), of the first `trees` trees, the last expected."""
    features = rows.shape[1]
    found = np.zeros((len(rows), features + 1))
    told = booster.dump_model(num_iteration=-1)["tree_info"]
    for tree, thresholds in islice(zip(told, _thresholds(booster), strict=True), trees):
        for value, path in _leaves(tree["tree_structure"], thresholds, ()):
            found[:, features] += value * math.prod(test.share for test in path)
            for row, out in zip(rows, found, strict=True):
                _add_leaf(out, row, value, path)
    return found


def _leaves(
    node: dict[str, Any], thresholds: list[float], path: tuple[_Test, ...]
) -> Iterator[tuple[float, tuple[_Test, ...]]]:
    if "split_feature" not in node:
        yield node["leaf_value"], path
        return
    for left, child in ((True, node["left_child"]), (False, node["right_child"])):
        count = child["internal_count" if "split_feature" in child else "leaf_count"]
        test = _Test(node, thresholds[node["split_index"]], left, count / node["internal_count"])
        yield from _leaves(child, thresholds, (*path, test))


def _add_leaf(
    out: NDArray[np.float64], row: NDArray[np.float64], value: float, path: tuple[_Test, ...]
) -> None:
    passed: dict[int, float] = {}
    share: dict[int, float] = {}
    for test in path:
        at = test.node["split_feature"]
        goes = _goes_left(test, row[at]) == test.left
        passed[at] = passed.get(at, 1.0) * goes
        share[at] = share.get(at, 1.0) * test.share
    points, weights = np.polynomial.legendre.leggauss(max(1, (len(share) + 1) // 2))
    t = (points + 1.0) / 2.0
    factors = {at: share[at] * (1.0 - t) + passed[at] * t for at in share}
    for at, mine in share.items():
        others = np.prod([factor for other, factor in factors.items() if other != at], axis=0)
        out[at] += value * (passed[at] - mine) * float(np.sum(weights * others)) / 2.0


def _goes_left(test: _Test, value: float) -> bool:
    """Whether LightGBM sends a value to the left of a node."""
    node = test.node
    if node["decision_type"] == "==":
        # A cast to 32 bits drops fractions; what does not fit, and what is below zero, is in no set.
        if math.isnan(value) or not -1.0 < value < _MOST_INT:
            return False
        return int(value) in {int(code) for code in str(node["threshold"]).split("||")}
    missing = node["missing_type"]
    if math.isnan(value):
        if missing == "NaN":
            return bool(node["default_left"])
        value = 0.0
    # LightGBM keeps of a row only what is further from zero than this.
    if abs(value) <= _NEAR_ZERO:
        value = 0.0
    if missing == "Zero" and value == 0.0:
        return bool(node["default_left"])
    return value <= test.threshold


def _thresholds(booster: lightgbm.Booster) -> Iterator[list[float]]:
    """Yield the thresholds of each tree from the text: in the JSON what is above 1e300 becomes 1e300."""
    trees, _, _ = booster.model_to_string(num_iteration=-1).partition("\nend of trees\n")
    for line in trees.splitlines():
        if line.startswith("threshold="):
            yield [float(word) for word in line.removeprefix("threshold=").split()]
