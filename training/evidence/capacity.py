"""The team's capacity: which share of the leads that it could work a week ends at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.snapshots import WEEK

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments


@dataclass(frozen=True, slots=True)
class Capacity:
    """The share (0-1) of a week's leads that the team can work, None where it is not known, and in words."""

    share: float | None
    said: str


def capacity_of(past: Past, rows: Moments, leads_a_week: int, census_share: float) -> Capacity:
    """Return the capacity of a team that works so many leads a week, by the rows of a census.

    In a weekly census these are the leads that are open on a Monday; where the census is of snapshots, those
    that come to be scored in a week. `census_share` (0-1): the share of its candidates that the census holds;
    there are as many more leads.
    """
    if not past.mapping.is_dated:
        return Capacity(None, "The data have no weeks, so lift at the team's capacity is not known.")
    if past.mapping.training.census == "weekly":
        leads = len(rows) / len(np.unique(rows.as_of)) / census_share
        which = f"Of about {leads:,.0f} leads open at a time"
    else:
        weeks = max(1.0, float(np.ptp(rows.as_of)) / WEEK)
        leads = len(rows) / weeks / census_share
        which = f"Of about {leads:,.0f} leads that come to be scored in a week"
    share = min(1.0, leads_a_week / leads)
    return Capacity(share, f"{which} the team works {leads_a_week:,} a week.")
