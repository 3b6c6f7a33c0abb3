"""Whether scores mean the same as before: the population stability index of score bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.measures import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from training.measures import Resampling

    Counts = Sequence[int] | NDArray[np.float64]

BANDS = 10
"""Score bands of ten: 0-9, 10-19 … 90-99."""


def band_of(scores: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the band (0-9) of each score (0-99)."""
    return np.asarray(scores // (100 // BANDS))


def rows_by_band(scores: NDArray[np.int64]) -> tuple[int, ...]:
    """Return how many of the scores lie in each band."""
    return tuple(np.bincount(band_of(scores), minlength=BANDS).tolist())


def stability_index(before: Counts, after: Counts) -> float:
    """Return the population stability index of two counts of rows by band.

    The sum over the bands of (a - b) ln(a / b), for the shares b before and a after (Siddiqi, Credit Risk
    Scorecards, 2006: below .1 stable, above .25 another population). Half a row is added to each band, so
    that an empty one is no infinity. 0 where the shares are the same; never negative; the same both ways.
    """
    b, a = (np.asarray(counts, np.float64) + 0.5 for counts in (before, after))
    b, a = b / b.sum(), a / a.sum()
    return float(((a - b) * np.log(a / b)).sum())


def measured_stability(before: NDArray[np.int64], after: NDArray[np.int64], draws: Resampling) -> Figure:
    """Return the index of two scores (n,) of the same rows with its 95 % interval; `draws`: of their leads.

    The basic bootstrap interval, 2 v - q of the draws' quantiles q around the index v (Davison and Hinkley,
    Bootstrap Methods and their Application, 1997), from 0 up: few rows make an index of two equal
    populations large, and make the draws' larger still, which a percentile interval would take for a
    difference. Widened to hold the value.
    """
    leads = draws.times.shape[1]
    held = np.hstack([_by_lead(band_of(scores), draws.lead, leads) for scores in (before, after)])
    value = stability_index(*np.split(held.sum(axis=0), 2))
    drawn = [stability_index(*np.split(times @ held, 2)) for times in draws.times.astype(np.float64)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Figure(value, min(max(0.0, float(2 * value - high)), value), max(float(2 * value - low), value))


def _by_lead(band: NDArray[np.int64], lead: NDArray[np.int64], leads: int) -> NDArray[np.float64]:
    """Return how many rows of each lead lie in each band, float64 (leads, BANDS)."""
    counts = np.bincount(lead * BANDS + band, minlength=leads * BANDS)
    return counts.reshape(leads, BANDS).astype(np.float64)
