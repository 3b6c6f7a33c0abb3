"""Fitting the calibration: from out-of-fold margins and labels to a monotone table with its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.calibration import Calibration
from models.curve import Curve
from training.fitting.calibrators import METHODS, fitted_curves
from training.fitting.fitted import CalibrationChoice
from training.fitting.folds import parts_of
from training.fitting.log_odds import HAIR
from training.fitting.pooling import PooledCensus

if TYPE_CHECKING:
    from numpy.typing import NDArray

KNOTS = 201
PARTS = 10


def chosen_calibration(
    margins: NDArray[np.float64],
    labels: NDArray[np.float64],
    lead: NDArray[np.int64],
    *,
    seed: int,
) -> tuple[Calibration, CalibrationChoice]:
    """Choose how to calibrate by cross-fitted log loss; return the calibration, and what was tried.

    `margins` (log-odds) and `labels` (0 or 1), float64 (n,), are the out-of-fold census; `lead` int64 (n,)
    says whose row it is, by a number that no other lead changes, such as the hash of its id.

    Each method is fitted without a tenth of the leads and judged on it, ten times. The tenths are not the
    folds of the margins: a fold with many wins was foretold by a model that saw fewer, and the others by
    models that saw more, so that what is learned without it errs for it twice. The least log loss is chosen,
    but none where none is not above it by more than one standard error of the paired difference, clustered by
    lead (a rule of Breiman et al. 1984): that anything is needed has to show. The order of the rows says
    nothing.
    """
    census = PooledCensus(margins, labels, lead)
    losses = _cross_fitted(census, parts_of(lead[census.order].astype(np.uint32), PARTS, "calibration"))
    means = {method: float(loss.mean()) for method, loss in losses.items()}
    best = min(METHODS[1:], key=lambda method: means[method])
    method = "none" if _is_no_worse(losses["none"] - losses[best], census) else best
    return _table(census, method, seed), CalibrationChoice(method=method, log_losses=means)


def calibration_by(
    method: str,
    margins: NDArray[np.float64],
    labels: NDArray[np.float64],
    lead: NDArray[np.int64],
    *,
    seed: int,
) -> Calibration:
    """Return the calibration by one method, with its 90 % band, as tables of KNOTS knots.

    The band is the 5th to 95th percentile of 200 refits, each on a bootstrap of the leads, widened to hold
    the fit itself. They are isotonic whatever the method, so that the band doubts the method's form as well.
    The margins are pooled into 1,000 bins of equal mass first.
    """
    return _table(PooledCensus(margins, labels, lead), method, seed)


def held_out_probabilities(
    method: str, margins: NDArray[np.float64], labels: NDArray[np.float64], lead: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return a probability (0-1) of each row, float64 (n,), by a calibration fitted without its lead's tenth.

    Given what `calibration_by` is given; the tenths are those by which a method is chosen.
    """
    census = PooledCensus(margins, labels, lead)
    part = parts_of(lead[census.order].astype(np.uint32), PARTS, "calibration")
    found = np.empty(len(part))
    found[census.order] = _without_own_part(method, census, part)
    return found


def _without_own_part(method: str, census: PooledCensus, part: NDArray[np.int64]) -> NDArray[np.float64]:
    parts, knots = np.unique(part), _knots(census)
    without = census.counts([(part != number).astype(np.float64) for number in parts])
    p = np.empty(len(part))
    for number, values in zip(parts, fitted_curves(method, without, knots), strict=True):
        own = part == number
        p[own] = _curve(knots, values).at(census.margins[own])
    return p


def _cross_fitted(census: PooledCensus, part: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Return for each method the log loss of each row by a fit without the row's part of the leads."""
    losses = {}
    for method in METHODS:
        p = np.clip(_without_own_part(method, census, part), HAIR, 1 - HAIR)
        losses[method] = -np.where(census.labels == 1.0, np.log(p), np.log1p(-p))
    return losses


def _is_no_worse(difference: NDArray[np.float64], census: PooledCensus) -> bool:
    """Return whether the mean of rows' differences is at most one standard error, clustered by lead."""
    mean = difference.mean()
    of_lead = np.bincount(census.owner, weights=difference - mean)
    return bool(mean <= np.sqrt((of_lead**2).sum()) / len(difference))


def _table(census: PooledCensus, method: str, seed: int) -> Calibration:
    knots = _knots(census)
    point = fitted_curves(method, census.whole(), knots)[0]
    refits = fitted_curves("isotonic", census.bootstraps(seed), knots)
    low = np.minimum(np.quantile(refits, 0.05, axis=0), point)
    high = np.maximum(np.quantile(refits, 0.95, axis=0), point)
    return Calibration(*(_curve(knots, values) for values in (point, low, high)))


def _knots(census: PooledCensus) -> NDArray[np.float64]:
    spread = max(1.0, float(np.ptp(census.margins)) / 10)
    return np.linspace(census.margins[0] - spread, census.margins[-1] + spread, KNOTS)


def _curve(knots: NDArray[np.float64], values: NDArray[np.float64]) -> Curve:
    rising = np.maximum.accumulate(values)
    return Curve(knots, rising, float(rising[0]), float(rising[-1]))
