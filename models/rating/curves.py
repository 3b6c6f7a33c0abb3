"""Curves at a point, as `Curve.at` and what is made of it define them, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.rating.kernels import kernel

NO_SCORE = np.iinfo(np.int64).min
"""What numpy makes of a rank that is no number."""


@kernel
def curve_at(tables: Any, curve: int, v: float) -> Any:
    """Return a curve of the tables at a point; see `models.curve.Curve.at`."""
    x, y = tables.knots[0], tables.knots[1]
    low, high = tables.first_knot[curve], tables.first_knot[curve + 1] - 1
    if v < x[low]:
        return tables.outside[curve, 0]
    if v > x[high]:
        return tables.outside[curve, 1]
    if low == high:
        return y[low]
    if np.isnan(v):
        return v
    while high - low > 1:
        middle = (low + high) // 2
        if x[middle] <= v:
            low = middle
        else:
            high = middle
    y0, y1 = y[low], y[low + 1]
    inside = y0 + (v - x[low]) / (x[low + 1] - x[low]) * (y1 - y0)
    if inside < y0:
        return y0
    return min(inside, y1)


@kernel
def rating_of(rank: float) -> Any:
    """Return the score 0-99 of a rank 0-1."""
    if np.isnan(rank):
        return NO_SCORE
    return int(min(99.0, np.floor(100.0 * rank)))


@kernel
def slope_at(hundredfold: float, margin: float, constants: Any) -> Any:
    """Return the slope of 100 x rank between the expected margin and a margin; see `Scorer.slope`."""
    distance = margin - constants.expected
    if abs(distance) < 0.1:
        return constants.near
    return (hundredfold - constants.at_expected) / distance
