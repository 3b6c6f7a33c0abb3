"""What a summary counts: which events, over how long, and what of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Gives = Literal["count", "kinds", "days_since"]
Side = Literal["lead", "us"]

MOST_SUMMARIES = 60
"""So many have a bit of their own in an int64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One number about the events of a lead at a moment.

    `keys` are types ('page_view') and types with their detail ('page_view.pricing'); none: every act of the
    lead, or with `by` 'us' every touch. `within_us`: how far back it looks, None for all time. `gives`: how
    many there are, how many different kinds of them (details, else types), or how many days ago the last was.
    """

    keys: frozenset[str] = frozenset()
    by: Side = "lead"
    within_us: int | None = None
    gives: Gives = "count"
