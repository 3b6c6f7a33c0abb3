"""Scores of many leads as columns: all that a score holds but its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.reasons.largest import Largest
    from models.score import Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """n scores, and the baseline that they are told against.

    `margin`, `probability`, `low`, `high`, `slope` float64 (n,); `score`, `fit_score`, `engagement_score`
    int64 (n,), 0 to 99; `engagement_score` is None for a model without events. `slope` is in points of score
    for a unit of log-odds. `confidence` int8 (n,) are positions in `models.rated.CONFIDENCES`.
    `contributions` float64 (n, features) add up, from `expected` on and in their order, to `margin`.

    `largest` are the groups that moved each margin most, and `effect` float64 (n, k) the same in points of
    score, 0.0 where there is no group. `rest_effect` and `rest_log_odds` float64 (n,) are what they leave for
    the last reason. `not_known` int32 (n, named) are the groups that the last reason names.

    On the points rung contributions are points, `largest` are positions in the subjects of the rules, and
    `worths` float64 (n, rules) is what each rule gives, which is None on the others. There `margin`,
    `probability`, `low`, `high`, `expected`, `baseline_probability` and `rest_log_odds` are None.
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
    effect: NDArray[np.float64]
    rest_effect: NDArray[np.float64]
    rest_log_odds: NDArray[np.float64] | None
    not_known: NDArray[np.int32]
    worths: NDArray[np.float64] | None = None


class Row(NamedTuple):
    """One of n scores as Python's own numbers: what a score holds but its words; see `Rated`.

    `group`, `log_odds` and `effect` are of the groups that moved the margin most, without places where there
    is none; `named` may hold such places. `worths` is empty where `Rated` has none.
    """

    score: int
    fit_score: int
    engagement_score: int | None
    confidence: Confidence
    margin: float | None
    probability: float | None
    low: float | None
    high: float | None
    group: list[int]
    log_odds: list[float]
    effect: list[float]
    named: list[int]
    rest_log_odds: float | None
    rest_effect: float
    worths: list[float]


class Rows(NamedTuple):
    """n scores row by row, their `contributions` float64 (n, features), and the baseline of them all."""

    rows: list[Row]
    contributions: NDArray[np.float64]
    expected: float | None
    baseline_score: int
    baseline_probability: float | None


CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")
"""The confidences, from the lowest."""
