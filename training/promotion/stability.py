"""Whether scores mean the same as before: the population stability index of score bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BANDS = 10
"""Score bands of ten: 0-9, 10-19 … 90-99."""


def band_of(scores: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the band (0-9) of each score (0-99)."""
    return np.asarray(scores // (100 // BANDS))


def rows_by_band(scores: NDArray[np.int64]) -> tuple[int, ...]:
    """Return how many of the scores lie in each band."""
    return tuple(np.bincount(band_of(scores), minlength=BANDS).tolist())


def stability_index(before: Sequence[int], after: Sequence[int]) -> float:
    """Return the population stability index of two counts of rows by band.

    The sum over the bands of (a - b) ln(a / b), for the shares b before and a after (Siddiqi, Credit Risk
    Scorecards, 2006: below .1 stable, above .25 another population). Half a row is added to each band, so
    that an empty one is no infinity. 0 where the shares are the same; never negative; the same both ways.
    """
    b, a = (np.asarray(counts, np.float64) + 0.5 for counts in (before, after))
    b, a = b / b.sum(), a / a.sum()
    return float(((a - b) * np.log(a / b)).sum())
