"""Fitting the calibration: from out-of-fold margins and labels to a monotone table with its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from models.calibration import Calibration
from models.curve import Curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

KNOTS = 201
BOOTSTRAPS = 200
_BINS = 1_000


def fit_calibration(
    margins: NDArray[np.float64], labels: NDArray[np.float64], lead: NDArray[np.int64], *, seed: int
) -> Calibration:
    """Fit Platt's sigmoid (1999) of the margin and its 90 % band, as tables of KNOTS knots.

    `margins` (log-odds) and `labels` (0 or 1), float64 (n,), are the out-of-fold census; `lead` int64 (n,)
    says whose row it is. The band is the 5th to 95th percentile of 200 refits, each on a bootstrap of the
    leads, widened to hold the fit itself. The margins are pooled into 1,000 bins of equal mass first.
    """
    edges = np.unique(np.quantile(margins, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bin_of = np.searchsorted(edges, margins, side="right")
    size = np.bincount(bin_of, minlength=len(edges) + 1)
    centre = np.bincount(bin_of, weights=margins, minlength=len(edges) + 1) / np.maximum(size, 1)
    spread = max(1.0, float(np.ptp(margins)) / 10)
    knots = np.linspace(margins.min() - spread, margins.max() + spread, KNOTS)
    point = _sigmoid(knots, *_platt(centre, bin_of, labels, np.ones(len(margins))))
    _, owner = np.unique(lead, return_inverse=True)
    leads = int(owner.max()) + 1
    generator = np.random.default_rng(seed)
    refits = np.empty((BOOTSTRAPS, KNOTS))
    for refit in range(BOOTSTRAPS):
        times = np.bincount(generator.integers(0, leads, leads), minlength=leads).astype(np.float64)
        refits[refit] = _sigmoid(knots, *_platt(centre, bin_of, labels, times[owner]))
    low = np.minimum(np.quantile(refits, 0.05, axis=0), point)
    high = np.maximum(np.quantile(refits, 0.95, axis=0), point)
    return Calibration(_table(knots, point), _table(knots, low), _table(knots, high))


def _platt(
    centre: NDArray[np.float64],
    bin_of: NDArray[np.int64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[float, float]:
    """Return slope (at least 0) and intercept of the log-odds as a line of the margin.

    The targets are Platt's: not 1 and 0 but (N1 + 1) / (N1 + 2) and 1 / (N0 + 2) for N1 and N0 rows of each
    label, so that margins which separate the labels give no infinite slope.
    """
    ones = np.bincount(bin_of, weights=weights * labels, minlength=len(centre))
    zeros = np.bincount(bin_of, weights=weights * (1 - labels), minlength=len(centre))
    high, low = (ones.sum() + 1) / (ones.sum() + 2), 1 / (zeros.sum() + 2)
    ones, zeros = ones * high + zeros * low, ones * (1 - high) + zeros * (1 - low)
    share = ones.sum() / (ones.sum() + zeros.sum())
    flat = (0.0, float(np.log(share / (1 - share))))
    model = LogisticRegression(C=1e6, solver="newton-cholesky")
    model.fit(
        np.concatenate([centre, centre])[:, None],
        np.repeat([1, 0], len(centre)),
        sample_weight=np.concatenate([ones, zeros]),
    )
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    return (slope, intercept) if slope > 0 else flat


def _sigmoid(margins: NDArray[np.float64], slope: float, intercept: float) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-(slope * margins + intercept))))


def _table(knots: NDArray[np.float64], values: NDArray[np.float64]) -> Curve:
    rising = np.maximum.accumulate(values)
    return Curve(knots, rising, float(rising[0]), float(rising[-1]))
