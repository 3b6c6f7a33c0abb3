"""(c) Whether leads that are still open look different in a column from those that have ended."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.leakage.cell_views import ColumnViews

LEAST_FRESH = 20
"""Fewer fresh leads show nothing."""

STEADY = 5.0
"""How many standard errors the rates of filling must lie apart."""

WEAK_GAP = 0.2
"""Forms change, and young leads have filled in less: a gap of this size is worth a word."""

STRONG_GAP = 0.5
"""Half of the ended leads have a value that fresh ones lack: it comes while a lead is worked or ends."""

WEAK_DISTANCE = 0.25
"""The total variation distance, less that of chance, between values: campaigns and seasons reach about .2."""

STRONG_DISTANCE = 0.5
"""Half of the leads would have to change their value to make the two alike: open leads cannot have these."""

MOST_VALUES = 50
"""Longer lists of values (cities, pages, campaigns) and times drift by themselves and are not compared."""


def freshness(views: ColumnViews, fresh: NDArray[np.bool_]) -> Evidence | None:
    """Compare fresh leads with those that have ended, or return None where they are alike.

    `fresh` bool (n,): which of the leads of `views` are fresh.
    """
    if fresh.sum() < LEAST_FRESH or not views.filled.any():
        return None
    return _filling(views.filled, fresh) or _values(views, fresh)


def _filling(filled: NDArray[np.bool_], fresh: NDArray[np.bool_]) -> Evidence | None:
    of_ended, of_fresh = float(filled[~fresh].mean()), float(filled[fresh].mean())
    share = float(filled.mean())
    error = math.sqrt(share * (1 - share) * (1 / fresh.sum() + 1 / (~fresh).sum()))
    gap = of_ended - of_fresh
    if error == 0.0 or abs(gap) / error < STEADY or abs(gap) < WEAK_GAP:
        return None
    # A column that only fresh leads have is a new one: no future in it.
    strength = Strength.STRONG if gap >= STRONG_GAP else Strength.WEAK
    said = (
        f"filled in for {of_ended:.0%} of the ended leads and {of_fresh:.0%} of the fresh ones "
        f"({abs(gap) / error:.0f} standard errors apart)"
    )
    return Evidence(kind="fresh", strength=strength, figure=gap, sentence=said)


def _values(views: ColumnViews, fresh: NDArray[np.bool_]) -> Evidence | None:
    _, codes = np.unique(views.coarse, return_inverse=True)
    size = int(codes.max()) + 1
    if views.is_time or size > MOST_VALUES:
        return None
    ended = np.bincount(codes[~fresh], minlength=size) / (~fresh).sum()
    open_now = np.bincount(codes[fresh], minlength=size) / fresh.sum()
    distance = float(np.abs(ended - open_now).sum() / 2)
    both = np.bincount(codes, minlength=size) / len(codes)
    spread = both * (1 - both) * (1 / fresh.sum() + 1 / (~fresh).sum())
    by_chance = float(np.sqrt(2 * spread / math.pi).sum() / 2)
    excess = distance - 2 * by_chance
    if excess < WEAK_DISTANCE:
        return None
    strength = Strength.STRONG if excess >= STRONG_DISTANCE else Strength.WEAK
    said = (
        f"its values among ended leads differ from those among fresh ones: {distance:.0%} would have to "
        f"change (chance: {by_chance:.0%})"
    )
    # Negative: the values differ, not the filling; the verdict asks more of it.
    return Evidence(kind="fresh", strength=strength, figure=-distance, sentence=said)
