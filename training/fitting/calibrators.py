"""The ways to calibrate: probabilities as a curve of the margin, fitted to counts in bins of margins.

`none` takes the margin at its word. `platt` is a line in log-odds (Platt 1999, with his targets). `beta` lets
the log-odds bend (Kull, Silva Filho and Flach 2017): a ln p - b ln(1 - p) + c with a, b ≥ 0, p being the
probability of the margin. `isotonic` is any curve that does not fall: pooled adjacent violators, joined by
lines from block centre to block centre (Oron and Flournoy 2017), each block with one row more of the mean
label, so that no lead is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.isotonic import isotonic_regression

from training.fitting.log_odds import sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = ("none", "platt", "beta", "isotonic")
"""From the simplest to the freest."""

_RIDGE = 1e-6
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows in bins of like margin: `centre` float64 (bins,), rising; `ones` and `zeros` float64 (sets, bins).

    Each set is a sample of the rows (a bootstrap, or all but a fold), and every method is fitted to each.
    """

    centre: NDArray[np.float64]
    ones: NDArray[np.float64]
    zeros: NDArray[np.float64]


def fitted_curves(method: str, counts: Counts, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities (0-1) at margins `at` (k,) by a method fitted to each set, float64 (sets, k)."""
    if method == "isotonic":
        pairs = zip(counts.ones, counts.zeros, strict=True)
        return np.stack([_isotonic(counts.centre, ones, zeros, at) for ones, zeros in pairs])
    if method == "none":
        return np.broadcast_to(sigmoid(at), (len(counts.ones), len(at)))
    terms = _line if method == "platt" else _bend
    own, asked = terms(counts.centre), terms(at)
    # About their means the terms leave the last coefficient alone, so that margins all alike get no slope.
    middle = np.append(own[:, :-1].mean(axis=0), 0.0)
    coefficients = _logistic(own - middle, *_targets(counts))
    return sigmoid(np.einsum("sp,kp->sk", coefficients, asked - middle))


def _line(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([margins, np.ones(len(margins))], axis=1)


def _bend(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln p, -ln(1 - p) and 1."""
    return np.stack([-np.logaddexp(0.0, -margins), np.logaddexp(0.0, margins), np.ones(len(margins))], axis=1)


def _targets(counts: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ones and zeros under Platt's targets.

    Not 1 and 0 but (N1 + 1) / (N1 + 2) and 1 / (N0 + 2) for N1 and N0 rows of each label, so that margins
    which separate the labels give no infinite slope.
    """
    n1, n0 = counts.ones.sum(axis=1, keepdims=True), counts.zeros.sum(axis=1, keepdims=True)
    high, low = (n1 + 1) / (n1 + 2), 1 / (n0 + 2)
    ones = counts.ones * high + counts.zeros * low
    return ones, counts.ones + counts.zeros - ones


def _logistic(
    terms: NDArray[np.float64], ones: NDArray[np.float64], zeros: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients (sets, terms), all but the last at least 0.

    A term whose coefficient comes out negative is left out and the rest fitted again, as Kull et al. do.
    """
    used = np.ones((len(ones), terms.shape[1]), np.bool_)
    while True:
        found = _newton(terms, ones, zeros, used)
        negative = found[:, :-1] < 0
        if not negative.any():
            return found
        # The most negative alone: without it another may be positive.
        worst = np.argmin(found[:, :-1], axis=1)
        sets = np.flatnonzero(negative.any(axis=1))
        used[sets, worst[sets]] = False


def _newton(
    terms: NDArray[np.float64],
    ones: NDArray[np.float64],
    zeros: NDArray[np.float64],
    used: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the coefficients of the used terms with the greatest likelihood, all sets at once.

    Newton's steps, halved where they would not raise the likelihood. `einsum` adds in one order whatever the
    number of threads, which products of matrices do not.
    """
    rows = ones + zeros
    share = ones.sum(axis=1) / rows.sum(axis=1)
    found = np.zeros(used.shape)
    found[:, -1] = np.log(share / (1 - share))
    own = np.arange(used.shape[1])
    products = terms[:, :, None] * terms[:, None, :]
    both = used[:, :, None] & used[:, None, :]
    loss = _loss(found, terms, ones, rows)
    for _ in range(_STEPS):
        p = sigmoid(np.einsum("sp,bp->sb", found, terms))
        slope = np.where(used, np.einsum("sb,bp->sp", ones - rows * p, terms) - _RIDGE * found, 0.0)
        bend = np.where(both, np.einsum("sb,bpq->spq", rows * p * (1 - p), products), 0.0)
        bend[:, own, own] += np.where(used, _RIDGE, 1.0)
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0]
        size = np.ones(len(found))
        for _ in range(20):
            tried = found + size[:, None] * step
            new = _loss(tried, terms, ones, rows)
            worse = new > loss * (1 + 1e-12)
            if not worse.any():
                break
            size[worse] /= 2
        tried[worse], new[worse] = found[worse], loss[worse]
        moved = np.abs(tried - found).max()
        found, loss = tried, new
        if moved < 1e-9:
            break
    return found


def _loss(
    found: NDArray[np.float64],
    terms: NDArray[np.float64],
    ones: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> NDArray[np.float64]:
    margins = np.einsum("sp,bp->sb", found, terms)
    likelihood = (rows * np.logaddexp(0.0, margins) - ones * margins).sum(axis=1)
    return np.asarray(likelihood + _RIDGE / 2 * (found**2).sum(axis=1))


def _isotonic(
    centre: NDArray[np.float64],
    ones: NDArray[np.float64],
    zeros: NDArray[np.float64],
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    rows = ones + zeros
    there = rows > 0
    centre, ones, rows = centre[there], ones[there], rows[there]
    level = isotonic_regression(ones / rows, sample_weight=rows)
    block = np.concatenate([[0], np.cumsum(np.diff(level) > 0)])
    size = np.bincount(block, weights=rows)
    share = (ones.sum() + 1) / (rows.sum() + 2)
    smooth = (np.bincount(block, weights=ones) + share) / (size + 1)
    middle = np.bincount(block, weights=rows * centre) / size
    return np.interp(at, middle, np.maximum.accumulate(smooth))
