"""Moments as people and files are told of them: days and texts of ISO 8601, and back."""

from __future__ import annotations

import pandas as pd


def day_of(moment: int) -> str:
    """Return the day of a moment (microseconds UTC), ISO 8601.

    >>> day_of(1_706_689_800_000_000)
    '2024-01-31'
    """
    return str(pd.Timestamp(moment, unit="us").date())


def moment_of(moment: int) -> str:
    """Return a moment (microseconds UTC) as ISO 8601 with its zone.

    >>> moment_of(1_706_689_800_000_000)
    '2024-01-31T08:30:00+00:00'
    """
    return pd.Timestamp(moment, unit="us", tz="UTC").isoformat()


def moment_from(text: str | None) -> int | None:
    """Return a moment, ISO 8601 with zone, in microseconds UTC; None for None.

    >>> moment_from("2024-01-31T09:30:00+01:00")
    1706689800000000
    """
    if text is None:
        return None
    return int((pd.Timestamp(text) - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(microseconds=1))
