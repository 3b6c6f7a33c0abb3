"""All measures of the same rows at once: sorted one time, resampled hundreds of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from training.measures.figure import basic_figure_of, figure_of
from training.measures.plain import BINS, losses, off_the_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from training.measures.figure import Figure
    from training.measures.resampling import Resampling

TOPS: Mapping[str, float] = {"05": 0.05, "10": 0.10, "20": 0.20, "30": 0.30}
"""Shares of the rows, from the best score down, of which lift and recall are told."""

RIDGE = 1e-8
"""Where probabilities part the labels no finite line is the best: the ridge a row that keeps it finite, on
log-odds in standard deviations. It is felt nowhere else."""

STEEPEST = 100.0
"""A slope ends here: probabilities that hardly differ would have any."""

_PLAIN = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "brier_reliability",
    "brier_resolution",
    "brier_uncertainty",
    "calibration_error",
)
_RECALIBRATION = ("calibration_slope", "calibration_intercept")

_OF_GAPS = frozenset({"brier_reliability", "calibration_error"})
"""What adds up gaps without their signs: every draw adds gaps of its own, so that draws lie too high."""


def all_figures(
    labels: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    draws: Resampling,
    tops: Mapping[str, float] = TOPS,
    *,
    has_line: bool = True,
) -> dict[str, Figure]:
    """Return every measure with its interval, by name.

    `labels` (0 or 1) and `probabilities` (0-1), float64 (n,), n at least 1. Where one label alone occurs,
    what compares labels is absent. roc_auc, average_precision, log_loss, brier and calibration_error are
    those of `plain`. The Brier score is reliability - resolution + uncertainty (Murphy 1973) in bins of equal
    mass; what differs within a bin is in the resolution (Stephenson, Coelho and Jolliffe 2008), so that they
    add up. Slope and intercept: see `recalibration`. lift_X and recall_X for each of `tops`: of the share X
    of the rows with the highest probabilities, how much likelier they convert than all, and which share of
    the conversions they are; rows of equal probability are taken in equal shares.

    Intervals are percentiles of the draws, but for calibration_error and brier_reliability: those are the
    basic bootstrap's (Davison and Hinkley 1997, 5.2), percentiles mirrored at the value, at least 0. Where
    nothing is wrong they reach 0 in about six of ten cases (see `perfect_calibration_error`). Without
    `has_line` slope and intercept, which take most of the time, are absent.
    """
    drawn = _drawn(labels, probabilities, draws, tops, has_line=has_line)
    return {
        name: basic_figure_of(float(found[0]), found[1:])
        if name in _OF_GAPS
        else figure_of(float(found[0]), found[1:])
        for name, found in drawn.items()
        if not np.isnan(found[0])
    }


def differences(
    labels: NDArray[np.float64],
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    draws: Resampling,
) -> dict[str, Figure]:
    """Return AUC and log loss of one way to foretell less those of another: paired, over the same draws."""
    of_one, of_other = (_drawn(labels, p, draws, {}, has_line=False) for p in (one, other))
    less = {name: of_one[name] - of_other[name] for name in ("roc_auc", "log_loss")}
    return {name: figure_of(float(found[0]), found[1:]) for name, found in less.items()}


def _drawn(
    labels: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    draws: Resampling,
    tops: Mapping[str, float],
    *,
    has_line: bool,
) -> dict[str, NDArray[np.float64]]:
    """Return every measure by name: of all rows, then of each draw; NaN where they say nothing."""
    order = np.argsort(probabilities, kind="stable")
    y, p, ordered = labels[order], probabilities[order], draws.where(order)
    loss, shares = losses(y, p), np.asarray(list(tops.values()), np.float64)
    names = [*_PLAIN, *(f"recall_{top}" for top in tops), *_RECALIBRATION]
    found = np.full((1 + len(draws.times), len(names)), np.nan)
    log_odds = _log_odds(p)
    centre, spread = _centre_and_spread(log_odds)
    scaled = (log_odds - centre) / (spread or 1.0)
    start = np.zeros(2)
    for draw in range(len(found)):
        weights = np.ones(len(y)) if draw == 0 else ordered.times[draw - 1][ordered.lead].astype(np.float64)
        if _fill(y, p, loss, weights, shares, found[draw, :-2]) and has_line:
            tilted = start if draw else _start(y)
            line = _line(y, scaled, weights, tilted) if spread else _level(y, weights)
            start = line if draw == 0 else start
            found[draw, -2:] = _unscaled(line, centre, spread)
    named = dict(zip(names, found.T, strict=True))
    lifts = {f"lift_{top}": named[f"recall_{top}"] / share for top, share in tops.items()}
    return named | lifts


def gains(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return 101 pairs: a share of the rows from the best down, and the share of the conversions among them.

    Both 0-1, from (0, 0) to (1, 1). Rows of equal probability are taken in equal shares. Label 1 occurs.
    """
    order = np.argsort(probabilities, kind="stable")
    y, p = labels[order], probabilities[order]
    shares = np.linspace(0.0, 1.0, 101)
    found = np.empty(len(_PLAIN) + len(shares))
    _fill(y, p, losses(y, p), np.ones(len(y)), shares, found)
    found[-1] = 1.0
    return tuple(zip(shares.tolist(), np.minimum(found[len(_PLAIN) :], 1.0).tolist(), strict=True))


def recalibration(
    labels: NDArray[np.float64], p: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return slope and intercept of the logistic regression of labels on the log-odds of p (Cox 1958).

    1 and 0 for probabilities that hold; a slope below 1: they are too far apart. Where all probabilities are
    equal the slope is 0. It lies within ± STEEPEST, and is finite where p parts the labels (see RIDGE).
    """
    return logistic_line(labels, _log_odds(p), weights)


def logistic_line(
    labels: NDArray[np.float64], x: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return slope and intercept of the logistic regression of labels on x, float64 (n,) each.

    `labels` may lie between 0 and 1. Where all x are equal the slope is 0; it is within ± STEEPEST.
    """
    centre, spread = _centre_and_spread(x)
    scaled = (x - centre) / (spread or 1.0)
    return _unscaled(_line(labels, scaled, weights, _start(labels)), centre, spread)


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = off_the_ends(p)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _start(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    share = min(max(float(labels.mean()), 1e-6), 1 - 1e-6)
    return np.asarray([np.log(share / (1 - share)), 0.0])


def _centre_and_spread(x: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation; 0 where all are equal, which rounding would take for a hair."""
    return float(x.mean()), float(x.std()) if np.ptp(x) > 0.0 else 0.0


def _level(labels: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the line without a slope: the log-odds of the share of label 1, both of which occur."""
    ones = float((weights * labels).sum())
    return np.asarray([np.log(ones / (float(weights.sum()) - ones)), 0.0])


def _unscaled(line: NDArray[np.float64], centre: float, spread: float) -> tuple[float, float]:
    if spread == 0.0:
        return 0.0, float(line[0])
    slope = float(np.clip(line[1] / spread, -STEEPEST, STEEPEST))
    return slope, float(line[0] - slope * centre)


@numba.njit(cache=True, nogil=True)
def _fill(y: Any, p: Any, loss: Any, w: Any, tops: Any, into: Any) -> Any:
    """Write the measures of rows in the order of p, and the recall at each top, NaN where they say nothing.

    Return whether both labels occur.
    """
    total = ones = lost = square = 0.0
    for i in range(len(y)):
        total += w[i]
        ones += w[i] * y[i]
        lost += w[i] * loss[i]
        square += w[i] * (y[i] - p[i]) * (y[i] - p[i])
    if total <= 0.0:
        return False
    share = ones / total
    bins = np.zeros((BINS, 3))
    into[8:] = 0.0
    into[0], into[1] = _ranked(y, p, w, total, ones, tops, bins, into[8:])
    into[2] = lost / total
    into[3] = square / total
    gap = reliability = 0.0
    for b in range(BINS):
        if bins[b, 0] > 0.0:
            difference = bins[b, 2] - bins[b, 1]
            gap += abs(difference)
            reliability += difference * difference / bins[b, 0]
    into[4] = reliability / total
    into[5] = reliability / total + share * (1.0 - share) - square / total
    into[6] = share * (1.0 - share)
    into[7] = gap / total
    if ones <= 0.0 or ones >= total:
        into[:2] = np.nan
    if ones <= 0.0:
        into[8:] = np.nan
    return ones > 0.0 and ones < total


@numba.njit(cache=True, nogil=True)
def _ranked(y: Any, p: Any, w: Any, total: Any, ones: Any, tops: Any, bins: Any, recall: Any) -> Any:  # noqa: PLR0917  # a kernel: plain loops over plain arrays
    """Fill mass, conversions and summed p of bins of equal mass, and recalls; return AUC and precision."""
    above_zeros = precision = mass_below = ones_below = 0.0
    first = 0
    while first < len(y):
        last, mass, own = first, 0.0, 0.0
        while last < len(y) and p[last] == p[first]:
            mass += w[last]
            own += w[last] * y[last]
            last += 1
        if mass > 0.0:
            above_zeros += own * (mass_below - ones_below + (mass - own) / 2)
            precision += own * (ones - ones_below) / (total - mass_below)
            b = min(int(BINS * (mass_below + mass / 2) / total), BINS - 1)
            bins[b, 0] += mass
            bins[b, 1] += own
            bins[b, 2] += mass * p[first]
            above = total - mass_below - mass
            for t in range(len(tops)):
                if ones > 0.0 and above < tops[t] * total:
                    recall[t] += own * min(mass, tops[t] * total - above) / (mass * ones)
            mass_below += mass
            ones_below += own
        first = last
    if ones <= 0.0 or ones >= total:
        return 0.0, 0.0
    return above_zeros / (ones * (total - ones)), precision / ones


@numba.njit(cache=True, nogil=True)
def _line(y: Any, x: Any, w: Any, start: Any) -> Any:
    """Return intercept and slope of the weighted logistic regression of y on x, by Newton's steps."""
    a, b = start[0], start[1]
    ridge = RIDGE * w.sum()
    for _ in range(60):
        ga, gb, haa, hab, hbb = -ridge * a, -ridge * b, ridge, 0.0, ridge
        for i in range(len(y)):
            if w[i] > 0.0:
                q = 1.0 / (1.0 + np.exp(-(a + b * x[i])))
                d, h = w[i] * (y[i] - q), w[i] * q * (1.0 - q)
                ga += d
                gb += d * x[i]
                haa += h
                hab += h * x[i]
                hbb += h * x[i] * x[i]
        bound = haa * hbb - hab * hab
        da, db = (hbb * ga - hab * gb) / bound, (haa * gb - hab * ga) / bound
        # Far from the best line a whole step may overshoot.
        da, db = min(max(da, -1.0), 1.0), min(max(db, -1.0), 1.0)
        a, b = a + da, b + db
        if abs(da) + abs(db) < 1e-10:
            break
    return np.array([a, b])
