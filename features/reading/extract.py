"""The moment at which a company's history was taken out: what came later is not part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from features.times import TimeRules, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.mapping import Mapping

NO_DATES = pd.Timestamp("1970-01-01", tz="UTC")
"""`extract_at` of data in which nothing is dated."""


def mapped_extract(mapping: Mapping) -> pd.Timestamp | None:
    """Return `training.extract_at` (a date stands for its end), or None where it is not set."""
    given = mapping.training.extract_at
    if given is None:
        return None
    us = parse_time(given, TimeRules(zone=mapping.training.time_zone), day_end=True)
    return pd.Timestamp(us, unit="us", tz="UTC")


def extract_moment(
    mapping: Mapping, newest: Iterable[pd.Timestamp | None]
) -> tuple[pd.Timestamp, tuple[str, ...]]:
    """Return the moment of the extract, as mapped, else the newest of all times, and notes on it."""
    given = mapped_extract(mapping)
    if given is not None:
        return given, ()
    latest = max((time for time in newest if time is not None), default=None)
    if latest is None:
        return NO_DATES, ()
    if mapping.outcomes is not None and mapping.outcomes.kind == "label":
        return latest, ()
    return latest, (f"extract_at is not set: the newest time in any table is taken, {latest}",)
