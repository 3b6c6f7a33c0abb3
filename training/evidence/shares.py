"""Shares that converted: of bands of score, of slices, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.evidence.evidence import Band, BaseRateChange
from training.measures import resampling
from training.measures.figure import figure_of

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments
    from training.evidence.foretold import Judged
    from training.measures import Resampling

BANDS = 10


def bands_of(tested: Judged, draws: Resampling) -> tuple[Band, ...]:
    """Return ten bands of the score, from the lowest; a band in which nobody is is absent."""
    found = []
    for low in range(0, 100, 100 // BANDS):
        high = low + 100 // BANDS - 1
        rows = (tested.scores >= low) & (tested.scores <= high)
        if rows.any():
            found.append(
                Band(
                    low=low,
                    high=high,
                    rows=int(rows.sum()),
                    probability=float(tested.probabilities[rows].mean()),
                    converted=draws.where(rows).share(tested.rows.label[rows]),
                )
            )
    return tuple(found)


def base_rate_change(past: Past, learned: Moments, tested: Moments) -> BaseRateChange:
    """Return the share of label 1 before and after, and whether it has moved with confidence.

    A lead may be in both: they are resampled together, and the interval is of the difference.
    """
    labels = np.concatenate([learned.label, tested.label])
    is_after = np.arange(len(labels)) >= len(learned)
    draws = resampling(past.owner[np.concatenate([learned.lead, tested.lead])])
    masks = np.stack([~is_after, is_after], axis=1).astype(np.float64)
    drawn = draws.drawn_ratios(labels[:, None] * masks, masks)
    change = drawn[:, 1] - drawn[:, 0]
    moved = figure_of(float(change[0]), change[1:])
    before, after = (figure_of(float(rate[0]), rate[1:]) for rate in drawn.T)
    return BaseRateChange(before=before, after=after, has_moved=not moved.low <= 0.0 <= moved.high)
