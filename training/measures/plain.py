"""The measures one by one, as anybody would write them: of labels, probabilities and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10
"""How many bins of equal mass the calibration is measured in."""


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


def average_precision(
    labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Return the mean precision over the thresholds, weighted by the recall that each adds.

    As scikit-learn defines it: without interpolation, equal probabilities taken together.
    """
    _, rank = np.unique(-p, return_inverse=True)
    ones = np.bincount(rank, weights=weights * labels)
    mass = np.bincount(rank, weights=weights)
    taken = np.cumsum(mass)
    precision = np.divide(np.cumsum(ones), taken, out=np.zeros(len(taken)), where=taken > 0)
    return float((precision * ones).sum() / ones.sum())


def logloss(labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the mean negative log likelihood, in nats. 0 and 1 are taken a hair off."""
    return float((weights * losses(labels, p)).sum() / weights.sum())


def losses(labels: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the negative log likelihood of each row, in nats. 0 and 1 are taken a hair off."""
    kept = off_the_ends(p)
    return -(labels * np.log(kept) + (1 - labels) * np.log1p(-kept))


def off_the_ends(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities with 0 and 1 taken a hair off, so that they have log-odds."""
    hair = np.finfo(np.float64).eps
    return np.clip(p, hair, 1 - hair)


def brier(labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the mean squared difference between probability and label (Brier 1950)."""
    return float((weights * (labels - p) ** 2).sum() / weights.sum())


def calibration_error(
    labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Return the expected calibration error over ten bins of equal mass (0-1).

    The mean over the bins of |share that converted - mean probability|, weighted by the bins' mass. At n
    rows even perfect probabilities show about sqrt(10 p (1 - p) / n) of it. Equal probabilities share a bin,
    so that the order of the rows says nothing.
    """
    total = float(weights.sum())
    if total == 0:
        return 0.0
    gap = np.bincount(bins_of(p, weights), weights=weights * (labels - p), minlength=BINS)
    return float(np.abs(gap).sum() / total)


def bins_of(p: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin (0 to BINS - 1) of each probability: of equal mass, equal probabilities in one bin."""
    _, rank = np.unique(p, return_inverse=True)
    mass = np.bincount(rank, weights=weights)
    middle = np.cumsum(mass) - mass / 2
    return np.asarray(np.minimum((BINS * middle / mass.sum()).astype(np.int64), BINS - 1)[rank])
