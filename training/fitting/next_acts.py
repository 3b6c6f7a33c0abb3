"""What leads did next: counted in the census, for each group of leads that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.durations import DAY_US
from features.following import Following
from models.next_acts import (
    BANDS,
    LAST_ACT,
    LEADS,
    RECENCIES,
    WINDOW_DAYS,
    NextActs,
    bands_of,
    recencies_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.following import Followed
    from features.past import Past
    from features.snapshots import Moments
    from features.spec import FeatureSpec

WINDOW_US = WINDOW_DAYS * DAY_US

NORMAL_95 = 1.6448536269514722
"""The 95th percentile of the normal distribution: between it and its negative lie 90 %."""

DIGITS = 6
"""Shares are kept to a millionth, which no census can tell apart."""


def measured(past: Past, spec: FeatureSpec, census: Moments) -> tuple[NDArray[np.float64], Followed | None]:
    """Return the vectors of a census, float64 (n, features), and what came next.

    Both in one go: a large history is read from disk for it. Without dates or events nothing is known to have
    come: None.
    """
    if not past.mapping.is_dated or LAST_ACT not in spec.names:
        return past.vectors(spec, census.lead, census.as_of).values, None
    asked = Following(keys=spec.event_keys, window_us=WINDOW_US, known_by_us=past.extract_at)
    vectors, came = past.vectors_and_followed(spec, asked, census.lead, census.as_of)
    return vectors.values, came


def next_acts_of(
    past: Past,
    spec: FeatureSpec,
    census: Moments,
    ranks: NDArray[np.float64],
    seen: tuple[NDArray[np.float64], Followed | None],
) -> NextActs | None:
    """Return how many of such leads showed each event within the window, None where that was not seen.

    `ranks` float64 (n,) are the out-of-fold ranks (0-1) of the census; `seen` is what `measured` returns.
    Only moments count whose window had ended when the data were taken out: what was still to come is not
    there. A lead counts as often as it was open on a day of the census, as in all evidence.
    """
    values, found = seen
    if found is None:
        return None
    rows = np.flatnonzero(census.as_of + WINDOW_US <= past.extract_at)
    came = np.column_stack([found.came[rows], ~found.anything[rows]])
    owner = past.owner[census.lead[rows]]
    band = bands_of(ranks[rows])
    recency = recencies_of(values[rows, spec.names.index(LAST_ACT)])
    leads = np.zeros((BANDS, len(RECENCIES)), np.int64)
    shares = np.full((BANDS, len(RECENCIES), came.shape[1], 3), np.nan)
    for group in np.ndindex(leads.shape):
        own = np.flatnonzero((band == group[0]) & (recency == group[1]))
        moments, times = by_lead(owner[own], came[own])
        leads[group] = len(moments)
        if len(moments) >= LEADS:
            shares[group] = np.round(shares_with_intervals(moments, times), DIGITS)
    return NextActs(keys=spec.event_keys, leads=leads, shares=shares)


def by_lead(owner: NDArray[np.int64], came: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many moments each lead has, (leads,), and after how many a key came, (leads, keys)."""
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    moments = np.diff(starts, append=len(owner))
    if not len(starts):
        return moments, np.zeros((0, came.shape[1]), np.int64)
    return moments, np.add.reduceat(came[order], starts, axis=0, dtype=np.int64)


def shares_with_intervals(moments: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return share, low and high end of the 90 % interval for each key, float64 (keys, 3).

    The moments of one lead are not independent. So the interval is Wilson's for an effective number of
    moments: that of independent ones which would leave the share as uncertain as the leads, taken whole, do
    (Korn and Graubard, Survey Methodology 24(2), 1998; Wilson, JASA 22, 1927). A share of 0 or 1, whose
    uncertainty the leads do not show, has the number of leads; none has more than the number of moments.
    """
    total = moments.sum()
    share = times.sum(axis=0) / total
    spread = share * (1.0 - share)
    variance = ((times - moments[:, np.newaxis] * share) ** 2).sum(axis=0) / total**2
    shown = (spread > 0) & (variance > 0)
    effective = np.where(shown, spread / np.where(shown, variance, 1.0), len(moments))
    size = np.minimum(effective, total)
    squared = NORMAL_95**2 / size
    middle = (share + squared / 2) / (1.0 + squared)
    half = NORMAL_95 * np.sqrt(spread / size + squared / (4 * size)) / (1.0 + squared)
    low, high = np.clip(middle - half, 0.0, share), np.clip(middle + half, share, 1.0)
    return np.column_stack([share, low, high])
