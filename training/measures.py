"""How good predictions are: discrimination, log loss, calibration error, each with an interval by lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Measure = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], float]
    """Labels, probabilities and weights, float64 (n,) each, in; one figure out."""

BOOTSTRAPS = 200
BINS = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its 95 % interval, from a bootstrap over leads, widened to hold the value."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def auc(labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve: how often a converting lead ranks above one that does not.

    A tie counts as half. Written out, because an interval needs it hundreds of times, and scikit-learn's
    checks of its input take ten times as long as the work.
    """
    _, rank = np.unique(p, return_inverse=True)
    ones = np.bincount(rank, weights=weights * labels)
    zeros = np.bincount(rank, weights=weights * (1 - labels))
    below = np.cumsum(zeros) - zeros / 2
    return float((ones * below).sum() / (ones.sum() * zeros.sum()))


def logloss(labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the mean negative log likelihood, in nats. 0 and 1 are taken a hair off."""
    hair = np.finfo(np.float64).eps
    kept = np.clip(p, hair, 1 - hair)
    said = labels * np.log(kept) + (1 - labels) * np.log1p(-kept)
    return float(-(weights * said).sum() / weights.sum())


def calibration_error(
    labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Return the expected calibration error over ten bins of equal mass (0-1).

    The mean over the bins of |share that converted - mean probability|, weighted by the bins' mass. At n
    rows even perfect probabilities show about sqrt(10 p (1 - p) / n) of it. Equal probabilities share a bin,
    so that the order of the rows says nothing.
    """
    _, rank = np.unique(p, return_inverse=True)
    mass = np.bincount(rank, weights=weights)
    total = float(mass.sum())
    if total == 0:
        return 0.0
    middle = np.cumsum(mass) - mass / 2
    bin_of = np.minimum((BINS * middle / total).astype(np.int64), BINS - 1)
    gap = np.bincount(bin_of, weights=np.bincount(rank, weights=weights * (labels - p)), minlength=BINS)
    return float(np.abs(gap).sum() / total)


def measured(
    measure: Measure,
    labels: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    owner: NDArray[np.int64],
    *,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
) -> Figure:
    """Return a measure with its interval, from resampling whole leads (`owner` int64 (n,))."""
    value = measure(labels, probabilities, np.ones(len(labels)))
    _, position = np.unique(owner, return_inverse=True)
    leads = int(position.max()) + 1
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(bootstraps):
        times = np.bincount(generator.integers(0, leads, leads), minlength=leads).astype(np.float64)[position]
        kept = times > 0
        if len(np.unique(labels[kept])) == 2:
            found.append(measure(labels[kept], probabilities[kept], times[kept]))
    low, high = np.quantile(found, [0.025, 0.975]) if found else (value, value)
    return Figure(value, min(float(low), value), max(float(high), value))
