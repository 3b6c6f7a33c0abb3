"""Recalibration: the base rate has moved, and nothing else is learned anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.calibration import Calibration
from models.curve import Curve
from training.fitting.log_odds import HAIR, logit, sigmoid
from training.fitting.pooling import PooledCensus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.fitting.calibrators import Counts

_STEPS = 60
_Z90 = 1.6448536269514722


def recalibrated(
    calibration: Calibration,
    margins: NDArray[np.float64],
    labels: NDArray[np.float64],
    lead: NDArray[np.int64],
    *,
    seed: int,
) -> Calibration:
    """Return the calibration moved by one amount in log-odds, so that it holds for newer rows.

    `margins` (log-odds) and `labels` (0 or 1), float64 (n,), are the newest matured census; `lead` int64
    (n,) says whose row it is. The amount is that of the greatest likelihood: the mean probability becomes
    the share of label 1, with one row more that has the old mean, so that no lead becomes certain where all
    labels are alike. The band moves along and grows by the doubt about the amount, from 200 bootstraps of
    the leads: half widths in log-odds add in squares, as those of independent errors do.
    """
    logits = logit(calibration.probability.at(margins))
    census = PooledCensus(logits, labels, lead)
    shift, doubt = float(_shifts(census.whole())[0]), _Z90 * float(np.std(_shifts(census.bootstraps(seed))))
    curves = (calibration.probability, calibration.low, calibration.high)
    point, low, high = (logit(curve.y) for curve in curves)
    return Calibration(
        _moved(calibration.probability, point + shift),
        _moved(calibration.low, point + shift - np.hypot(point - low, doubt)),
        _moved(calibration.high, point + shift + np.hypot(high - point, doubt)),
    )


def _shifts(counts: Counts) -> NDArray[np.float64]:
    """Return for each set what to add to the log-odds for the mean probability to be the share of label 1.

    By Newton's steps of at most 1, from 0: the mean rises with the amount, so they arrive.
    """
    rows = counts.ones + counts.zeros
    more = 1 + 1 / rows.sum(axis=1)
    old = (rows * sigmoid(counts.centre)).sum(axis=1)
    wanted = (counts.ones.sum(axis=1) + old * (more - 1)) / more
    found = np.zeros(len(rows))
    for _ in range(_STEPS):
        p = sigmoid(counts.centre + found[:, None])
        step = (wanted - (rows * p).sum(axis=1)) / np.maximum((rows * p * (1 - p)).sum(axis=1), HAIR)
        found += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    return found


def _moved(curve: Curve, logits: NDArray[np.float64]) -> Curve:
    rising = np.maximum.accumulate(sigmoid(logits))
    return Curve(curve.x, rising, float(rising[0]), float(rising[-1]))
