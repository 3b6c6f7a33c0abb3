"""A measured value with its doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its 95 % interval, from a bootstrap over leads, widened to hold the value."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def figure_of(value: float, drawn: ArrayLike) -> Figure:
    """Return a value with the 2.5th and 97.5th percentile of what was drawn; NaN draws say nothing."""
    found = np.asarray(drawn, np.float64)
    found = found[~np.isnan(found)]
    low, high = np.quantile(found, [0.025, 0.975]) if len(found) else (value, value)
    return Figure(value, min(float(low), value), max(float(high), value))


def basic_figure_of(value: float, drawn: ArrayLike) -> Figure:
    """Return a value, at least 0, with the basic bootstrap interval: `figure_of`, mirrored at the value.

    For what no draw can make less of but by chance, such as a sum of gaps without signs: draws of it lie
    above the value by as much as the value may lie above the truth.
    """
    above = figure_of(value, drawn)
    return Figure(value, max(0.0, 2 * value - above.high), max(value, 2 * value - above.low))
