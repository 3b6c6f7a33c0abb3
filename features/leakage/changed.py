"""(d) Values that were written at or after the outcome, where the history of a column is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.durations import DAY_US
from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_LEADS = 20
"""Fewer ended leads with a history show nothing."""

AT_SHARE = 0.10
"""In this share of the ended leads the column was written within a day from the outcome on …"""

TIMES_OFTENER = 5.0
"""… and this many times as often as on a day of the month before: ending the lead writes it."""

AFTER_SHARE = 0.20
"""In this share it was written at any time after the outcome: worth a word (records live on)."""

MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """When a column was written, a row a change: `lead` int64 (m,), `at` int64 (m,) microseconds UTC."""

    lead: NDArray[np.int64]
    at: NDArray[np.int64]


def written_late(changes: ChangeLog, outcome_at: NDArray[np.int64], never: int) -> Evidence | None:
    """Say how often a column was written at or after the outcome, or None where that is seldom.

    `outcome_at` int64 (leads,): the first outcome of each lead, `never` where it has none.
    """
    ends = outcome_at[changes.lead]
    ended = ends < never
    lead, took = changes.lead[ended], changes.at[ended] - ends[ended]
    leads = len(np.unique(lead))
    if leads < LEAST_LEADS:
        return None
    within = len(np.unique(lead[(took >= 0) & (took < DAY_US)])) / leads
    after = len(np.unique(lead[took >= 0])) / leads
    month_before = (took < 0) & (took >= -MONTH_DAYS * DAY_US)
    a_day = month_before.sum() / leads / MONTH_DAYS
    if within >= AT_SHARE and within >= TIMES_OFTENER * a_day:
        said = (
            f"written within a day from the outcome on for {within:.0%} of {leads:,} ended leads with a "
            f"history, {within / max(a_day, 1 / leads):.0f} times as often as on a day of the month before"
        )
        return Evidence(kind="changed", strength=Strength.STRONG, figure=within, sentence=said)
    if after >= AFTER_SHARE:
        said = f"written after the outcome for {after:.0%} of {leads:,} ended leads with a history"
        return Evidence(kind="changed", strength=Strength.WEAK, figure=after, sentence=said)
    return None
