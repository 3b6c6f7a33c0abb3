"""A piecewise linear curve: how margins become probabilities and ranks without transcendental functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Curve:
    """A non-decreasing curve through knots, constant outside of them.

    `x` float64 (k,), strictly increasing; `y` float64 (k,), non-decreasing; `below` and `above` are the
    values outside [x[0], x[-1]].
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    below: float
    above: float

    def at(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return the curve at points (float64 (n,)). One point and many give the same bits."""
        v = np.asarray(points, np.float64)
        if len(self.x) == 1:
            inside = np.full(v.shape, self.y[0])
        else:
            near = np.clip(v, self.x[0], self.x[-1])
            left = np.clip(np.searchsorted(self.x, near, side="right") - 1, 0, len(self.x) - 2)
            x0, x1, y0, y1 = self.x[left], self.x[left + 1], self.y[left], self.y[left + 1]
            # A share of the step, not a slope: between knots that nearly meet a slope would be infinite.
            inside = np.clip(y0 + (near - x0) / (x1 - x0) * (y1 - y0), y0, y1)
        return np.where(v < self.x[0], self.below, np.where(v > self.x[-1], self.above, inside))

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as lists that `curve_from` reads back to the bit."""
        return {"x": self.x.tolist(), "y": self.y.tolist(), "below": self.below, "above": self.above}


def curve_from(content: dict[str, Any]) -> Curve:
    """Read a curve back. Raises ValueError where it is no non-decreasing curve of finite numbers."""
    x, y = np.asarray(content["x"], np.float64), np.asarray(content["y"], np.float64)
    ends = np.asarray([content["below"], *y, content["above"]])
    sound = x.ndim == 1 and len(x) == len(y) > 0 and np.isfinite(x).all() and np.isfinite(ends).all()
    if not sound or (np.diff(x) <= 0).any() or (np.diff(ends) < 0).any():
        raise ValueError("a curve needs finite numbers, increasing x and non-decreasing y")
    return Curve(x, y, float(content["below"]), float(content["above"]))


def rank_curve(values: NDArray[np.float64], quantiles: int = 1_001) -> Curve:
    """Return the mid-rank (0-1) of a value among `values`, as a curve through their quantiles.

    Where several quantiles are equal the rank is their middle; outside it is 0 and 1.
    """
    positions = np.linspace(0.0, 1.0, quantiles)
    grid = np.quantile(values, positions)
    x, first, counts = np.unique(grid, return_index=True, return_counts=True)
    middle = (positions[first] + positions[first + counts - 1]) / 2
    return Curve(x, middle, 0.0, 1.0)
