"""Calibrating anew by a shift alone: the ranking stays, the level follows the base rate of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.calibration import Calibration
from models.curve import Curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOOTSTRAPS = 200
_BINS = 1_000
_STEPS = 50
_HAIR = 1e-9


def recalibrated(
    calibration: Calibration,
    margins: NDArray[np.float64],
    labels: NDArray[np.float64],
    lead: NDArray[np.int64],
    seed: int,
) -> Calibration:
    """Return the calibration with one number added to its log-odds, so that the mean is what happened.

    `margins` (log-odds) and `labels` (0 or 1), float64 (n,), both labels among them; `lead` int64 (n,) says
    whose row each is. The number is the maximum-likelihood intercept with the calibration's log-odds as
    offset (Cox 1958; 'recalibration in the large', Steyerberg, Clinical Prediction Models, 2009). The band's
    two ends are shifted by the 5th and 95th percentile of 200 refits on bootstraps of the leads: it holds the
    doubt of the old curve and that of the shift, so it is rather wide.
    """
    offset = _log_odds(calibration.at(margins)[0])
    edges = np.unique(np.quantile(offset, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bin_of = np.searchsorted(edges, offset, side="right")
    bins = len(edges) + 1
    size = np.bincount(bin_of, minlength=bins).astype(np.float64)
    centre = np.bincount(bin_of, weights=offset, minlength=bins) / np.maximum(size, 1)
    shift = _shift(centre, size, float(labels.sum()))
    _, owner = np.unique(lead, return_inverse=True)
    leads, generator = int(owner.max()) + 1, np.random.default_rng(seed)
    refits = []
    for _ in range(BOOTSTRAPS):
        times = np.bincount(generator.integers(0, leads, leads), minlength=leads).astype(np.float64)[owner]
        rows, won = np.bincount(bin_of, weights=times, minlength=bins), float((times * labels).sum())
        if 0.0 < won < rows.sum():
            refits.append(_shift(centre, rows, won))
    low, high = np.quantile(refits, [0.05, 0.95]) if refits else (shift, shift)
    return Calibration(
        _shifted(calibration.probability, shift),
        _shifted(calibration.low, min(float(low), shift)),
        _shifted(calibration.high, max(float(high), shift)),
    )


def _shift(centre: NDArray[np.float64], rows: NDArray[np.float64], won: float) -> float:
    """Return the number for which the `rows` at log-odds `centre` are expected to hold `won` conversions.

    By bisection: what is expected rises with the number.
    """
    low, high = -40.0, 40.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if float((rows / (1.0 + np.exp(-(centre + middle)))).sum()) < won:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _shifted(curve: Curve, by: float) -> Curve:
    ends = np.concatenate([[curve.below], curve.y, [curve.above]])
    moved = np.maximum.accumulate(1.0 / (1.0 + np.exp(-(_log_odds(ends) + by))))
    return Curve(curve.x, moved[1:-1], float(moved[0]), float(moved[-1]))


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(p, _HAIR, 1.0 - _HAIR)
    return np.asarray(np.log(kept) - np.log1p(-kept))
