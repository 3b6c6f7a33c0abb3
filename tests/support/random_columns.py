"""Columns at random to grow boosters on, and rows that ask boosters what is hard to answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    import lightgbm

Array = NDArray[np.float64]
Rng = np.random.Generator

NEAR_ZERO = float(np.float32(1e-35))
"""LightGBM takes values up to this size for zero."""


def _normal(rng: Rng, rows: int) -> Array:
    return rng.normal(size=rows)


def _few(rng: Rng, rows: int) -> Array:
    return rng.integers(-2, 3, rows).astype(np.float64)


def _mostly_zero(rng: Rng, rows: int) -> Array:
    return np.where(rng.random(rows) < 0.8, 0.0, rng.exponential(size=rows))


def _counts(rng: Rng, rows: int) -> Array:
    return np.where(rng.random(rows) < 0.3, np.nan, rng.poisson(3.0, rows))


def _mostly_missing(rng: Rng, rows: int) -> Array:
    return np.where(rng.random(rows) < 0.9, np.nan, rng.normal(size=rows))


def _tiny(rng: Rng, rows: int) -> Array:
    sizes = np.asarray([0.0, -0.0, 5e-324, 1e-310, NEAR_ZERO, 2e-35, 1e-30, 1e-6])
    return rng.choice(sizes, rows) * rng.choice([-1.0, 1.0], rows)


def _huge(rng: Rng, rows: int) -> Array:
    return rng.normal(size=rows) * rng.choice([1.0, 1e100, 1e300], rows)


def _infinite(rng: Rng, rows: int) -> Array:
    return np.where(rng.random(rows) < 0.2, rng.choice([np.inf, -np.inf], rows), rng.normal(size=rows))


def _constant(rng: Rng, rows: int) -> Array:
    return np.full(rows, rng.normal())


def _nothing(_rng: Rng, rows: int) -> Array:
    return np.full(rows, np.nan)


def _known_or_not(rng: Rng, rows: int) -> Array:
    return np.where(rng.random(rows) < 0.5, np.nan, 1.0)


NUMBERS: dict[str, Callable[[Rng, int], Array]] = {
    "normal": _normal,
    "few": _few,
    "mostly zero": _mostly_zero,
    "counts": _counts,
    "mostly missing": _mostly_missing,
    "tiny": _tiny,
    "huge": _huge,
    "infinite": _infinite,
    "constant": _constant,
    "nothing": _nothing,
    "known or not": _known_or_not,
}
"""Kinds of columns of numbers."""

CATEGORIES = {"two": 2, "a few": 5, "dozens": 40, "hundreds": 700, "far apart": 3}
"""Kinds of columns of categories, and how many they have."""


def a_column(rng: Rng, kind: str, rows: int) -> Array:
    """Return a column, float64 (rows,), of a kind; categories are sometimes not known."""
    if kind in NUMBERS:
        return NUMBERS[kind](rng, rows)
    codes = rng.integers(0, CATEGORIES[kind], rows).astype(np.float64)
    if kind == "far apart":
        codes = np.asarray([0.0, 31.0, 20_000.0])[codes.astype(int)]
    codes[rng.random(rows) < rng.choice([0.0, 0.1])] = np.nan
    return codes


_ODD = np.asarray([
    np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e-310, -1e-310,
    *(sign * near for sign in (1.0, -1.0)
      for near in (NEAR_ZERO, np.nextafter(NEAR_ZERO, 0.0), np.nextafter(NEAR_ZERO, 1.0), 1e-35, 2e-35)),
    1e300, -1e300, 1.7e308, -1.7e308,
    # As codes of categories: negative, fractions, unseen, and beyond what 32 and 64 bits hold.
    -1.0, -0.5, -0.999, -1.5, 0.5, 0.999999, 1.5, 31.0, 32.0, 33.5, 1e4, 2.0**31 - 1, 2.0**31, 2.0**31 + 1,
    -(2.0**31), -(2.0**31) - 1, 2.0**32, 2.0**32 + 1, 2.0**53, 2.0**63, 2.0**64, -(2.0**63),
])  # fmt: skip


def asking_rows(rng: Rng, booster: lightgbm.Booster, learned: Array, rows: int) -> Array:
    """Return rows float64 (rows, features): some as learned, most with cells that are hard to place.

    Cells become odd numbers, or thresholds of the booster in that column and their nearest neighbours. Some
    rows are of one odd number throughout.
    """
    asked = learned[rng.integers(0, len(learned), rows)].copy()
    features = asked.shape[1]
    edges = _edges(booster, features)
    for row in range(rows // 5, rows):
        for feature in range(features):
            chance = rng.random()
            if chance < 0.25:
                asked[row, feature] = rng.choice(_ODD)
            elif chance < 0.6:
                asked[row, feature] = rng.choice(edges[feature])
    for row, odd in zip(range(rows - 5, rows), (np.nan, 0.0, np.inf, -np.inf, -1.0), strict=True):
        asked[row] = odd
    return asked


def _edges(booster: lightgbm.Booster, features: int) -> list[Array]:
    """Return for each feature its thresholds with their nearest neighbours, or what is odd."""
    found: list[list[float]] = [[] for _ in range(features)]
    # Behind the trees the names of features begin lines.
    trees, _, _ = booster.model_to_string().partition("\nend of trees\n")
    for line in trees.splitlines():
        name, _, said = line.partition("=")
        if name == "split_feature":
            at = [int(word) for word in said.split()]
        elif name == "threshold":
            for feature, threshold in zip(at, map(float, said.split()), strict=True):
                found[feature] += [
                    threshold,
                    math.nextafter(threshold, math.inf),
                    math.nextafter(threshold, -math.inf),
                ]
    return [np.asarray(of_one) if of_one else _ODD for of_one in found]
