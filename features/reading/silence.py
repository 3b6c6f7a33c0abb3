"""A long silence in a history: learning would take it for a time in which nobody converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.durations import DAY_US
from features.reading.extract import NO_DATES
from features.times import TimeRules, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from features.mapping import Mapping

MIN_LEADS = 300
"""Of fewer leads a silence says nothing: they may just have come seldom."""

LIVED = {"leads": "created_at", "events": "occurred_at", "outcomes": "occurred_at"}
"""The tables whose rows are a sign of life, and the column that says when."""


def days_of(times: pd.Series[pd.Timestamp]) -> NDArray[np.int64]:
    """Return the different days (UTC, counted from 1970) of times, sorted; missing times are left out."""
    known = times.dropna().dt.as_unit("us").astype("int64").to_numpy()
    return np.unique(np.floor_divide(known, DAY_US))


def silence_note(
    mapping: Mapping, leads: int, days: Iterable[NDArray[np.int64]], extract_at: pd.Timestamp
) -> tuple[str, ...]:
    """Return a note on the longest silence of a history, where it is longer than the horizon.

    `leads` is how many there are, `days` those on which leads were created, acted, or ended. Nothing is
    said of few leads, of data without dates or a horizon, of what was before `training.from`, or where
    `training.extract_at` says when the history was taken out.
    """
    training = mapping.training
    if training.horizon is None or training.extract_at is not None or not mapping.is_dated:
        return ()
    if leads < MIN_LEADS or extract_at == NO_DATES:
        return ()
    lived = np.unique(np.concatenate([*days, days_of(pd.Series([extract_at]))]))
    if training.from_ is not None:
        start = parse_time(training.from_, TimeRules(zone=training.time_zone), day_end=False)
        lived = lived[lived >= start // DAY_US]
    silent = np.diff(lived) - 1
    if not len(silent) or int(silent.max()) * DAY_US <= training.horizon:
        return ()
    longest = int(silent.argmax())
    first, last = (
        pd.Timestamp(int(day), unit="D").date() for day in (lived[longest] + 1, lived[longest + 1] - 1)
    )
    said = (
        f"nothing at all happened from {first} to {last}: {int(silent[longest]):,} days, longer than the "
        "horizon. If the record has a gap there, learning takes it for a time in which nobody converted, and "
        f"the evidence flatters: set training.extract_at to before {first}, or training.from to after {last}"
    )
    return (said,)
