"""Scores of many leads as columns: all that a score holds but its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.reasons.largest import Largest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """n scores, and the baseline that they are told against.

    `margin`, `probability`, `low`, `high`, `slope` float64 (n,); `score`, `fit_score`, `engagement_score`
    int64 (n,), 0 to 99; `engagement_score` is None for a model without events. `slope` is in points of score
    for a unit of log-odds. `confidence` int8 (n,) are positions in `models.rated.CONFIDENCES`.
    `contributions` float64 (n, features) add up, from `expected` on and in their order, to `margin`.
    `largest` are the groups that moved each margin most. On the points rung contributions are points, and
    `margin`, `probability`, `low`, `high`, `expected` and `baseline_probability` are None.
    """

    margin: NDArray[np.float64] | None
    expected: float | None
    contributions: NDArray[np.float64]
    score: NDArray[np.int64]
    probability: NDArray[np.float64] | None
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None
    fit_score: NDArray[np.int64]
    engagement_score: NDArray[np.int64] | None
    confidence: NDArray[np.int8]
    slope: NDArray[np.float64]
    baseline_score: int
    baseline_probability: float | None
    largest: Largest


CONFIDENCES = ("low", "medium", "high")
