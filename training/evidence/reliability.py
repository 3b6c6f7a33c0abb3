"""Reliability: whether leads that are given a probability convert as often as it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.measures import BINS, BOOTSTRAPS, Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Rows of like probability: how many, the mean `probability` they were given, the share that converted.

    `converted` is that share (0-1) with its 95 % interval, from a bootstrap over leads. Of a bin in which
    nobody converts the bootstrap knows nothing: its interval is [0, 0].
    """

    rows: int
    probability: float
    converted: Figure


def reliability(
    labels: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    owner: NDArray[np.int64],
    *,
    seed: int = 0,
    bins: int = BINS,
    bootstraps: int = BOOTSTRAPS,
) -> tuple[ReliabilityBin, ...]:
    """Return bins of equal numbers of rows by rising probability; fewer than `bins` rows make one each.

    `labels` (0 or 1) and `probabilities` (0-1) are float64 (n,), `owner` int64 (n,) says whose row it is.
    """
    bins = min(bins, len(labels))
    bin_of = np.empty(len(labels), np.int64)
    bin_of[np.argsort(probabilities, kind="stable")] = np.arange(len(labels)) * bins // max(len(labels), 1)
    _, lead = np.unique(owner, return_inverse=True)
    leads = int(lead.max(initial=-1)) + 1
    cell = lead * bins + bin_of
    size = np.bincount(cell, minlength=leads * bins).reshape(leads, bins).astype(np.float64)
    ones = np.bincount(cell, weights=labels, minlength=leads * bins).reshape(leads, bins)
    generator = np.random.default_rng(seed)
    shares = np.full((bootstraps, bins), np.nan)
    for again in range(bootstraps):
        times = np.bincount(generator.integers(0, leads, leads), minlength=leads).astype(np.float64)
        drawn = times @ size
        np.divide(times @ ones, drawn, out=shares[again], where=drawn > 0)
    return tuple(
        ReliabilityBin(
            rows=int(size[:, b].sum()),
            probability=float(probabilities[bin_of == b].mean()),
            converted=Figure(float(labels[bin_of == b].mean()), *_interval(shares[:, b])),
        )
        for b in range(bins)
    )


def _interval(shares: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the shares in which the bin was drawn at all."""
    low, high = np.nanquantile(shares, [0.025, 0.975])
    return float(low), float(high)
