"""Fewer rows where all would take too long: those of whole leads, chosen by a hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.fitting.folds import parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments

_PLACES = 1_000


def some_leads(past: Past, rows: Moments, most: int, what_for: str) -> NDArray[np.bool_]:
    """Return which leads (bool, one a row of the past) to keep, so that at most `most` of the rows are kept.

    The choice rests on the leads' ids alone, another for each purpose; rows of one owner stay together.
    """
    place = parts_of(past.owner_hash, _PLACES, what_for)
    counts = np.bincount(place[rows.lead], minlength=_PLACES)
    return np.asarray((np.cumsum(counts) <= most)[place])
