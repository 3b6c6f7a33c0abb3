"""What fitting leaves: the scorer, and what its folds foretold of leads that they never saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.scorer import LeadScorer


@dataclass(frozen=True, slots=True)
class Told:
    """Rows of the census whose margins were taken apart: `rows` int64 (m,), their positions in it.

    `values` and `contributions` (log-odds) are float64 (m, features). Each row's are of the model of its own
    fold, and in a blend of the scorecard as well.
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    contributions: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """The census as the models of the other folds see it: `margin` float64 (n,), `fold` int64 (n,).

    `told`: at most so many of its rows as ranks rest on, with what moved their margins.
    """

    margin: NDArray[np.float64]
    fold: NDArray[np.int64]
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationChoice:
    """Which calibration was chosen, and the cross-fitted log loss (nats) of each that was tried.

    `method` is one of 'none', 'platt', 'beta', 'isotonic', the keys of `log_losses`.
    """

    method: str
    log_losses: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A scorer, its census out of fold, and how it was calibrated. `trees`: of the final model."""

    scorer: LeadScorer
    out_of_fold: OutOfFold
    calibration: CalibrationChoice
    trees: int
