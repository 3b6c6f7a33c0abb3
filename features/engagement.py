"""The kernel that counts events: one pass over each lead's events up to a moment, for one row or for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from features.durations import DAY_US
from features.spec import ACTIVITY, TOUCHES, WINDOWS, FeatureSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.batch import LeadBatch

SPANS = np.asarray([*(days * DAY_US for days in WINDOWS), np.iinfo(np.int64).max], np.int64)
"""The windows in microseconds, all time last."""


@numba.njit(cache=True, nogil=True)
def _count_events(  # noqa: C901, PLR0912, PLR0913, PLR0917  # a kernel: plain loops over plain arrays
    vectors: Any,
    owner: Any,
    as_of: Any,
    offsets: Any,
    occurred_at: Any,
    known_at: Any,
    subjects: Any,
    count_at: Any,
    since_at: Any,
    active_at: Any,
    first_at: int,
    previous_at: int,
    spans: Any,
    day: Any,
) -> None:
    """Fill the event features of `vectors` (n, p), which start as zero (counts) and NaN (days since).

    `subjects` (m, 3) are the positions in the tables of what event e speaks of: its type, its page, and
    all acts or all touches (-1: not measured). `count_at` (subjects, windows) and `since_at` (subjects)
    say which column of the vector to fill; `previous_at` is for the act before the last. An event is
    visible when it occurred and was known at or before `as_of`; a window is (as_of - span, as_of].
    """
    windows = len(spans)
    acts = len(since_at) - 2
    for row in range(len(owner)):
        now = as_of[row]
        last_act = 0
        last_day = np.full(windows, np.iinfo(np.int64).min)
        for event in range(offsets[owner[row]], offsets[owner[row] + 1]):
            when = occurred_at[event]
            if when > now:
                break
            if known_at[event] > now:
                continue
            age = now - when
            for slot in range(3):
                subject = subjects[event, slot]
                if subject >= 0:
                    for window in range(windows):
                        if age < spans[window]:
                            vectors[row, count_at[subject, window]] += 1.0
                    vectors[row, since_at[subject]] = age / day
            if subjects[event, 2] == acts:
                if np.isnan(vectors[row, first_at]):
                    vectors[row, first_at] = age / day
                else:
                    vectors[row, previous_at] = last_act / day
                last_act = age
                today = when // day
                for window in range(windows):
                    if age < spans[window] and today != last_day[window]:
                        last_day[window] = today
                        vectors[row, active_at[window]] += 1.0


def fill_events(vectors: NDArray[np.float64], spec: FeatureSpec, batch: LeadBatch) -> None:
    """Fill the event features of n rows in place. `vectors` is float64 (n, features), C-contiguous.

    An event of a type that the spec does not know counts nowhere, not in the activity either.
    """
    log = batch.events
    tracked = (*spec.event_keys, ACTIVITY, TOUCHES)
    position = {name: i for i, name in enumerate(spec.names)}
    subject_of = {key: i for i, key in enumerate(spec.event_keys)}
    lookup = np.asarray([subject_of.get(key, -1) for key in log.keys] + [-1], np.int32)
    subjects = np.empty((len(log.key), 3), np.int32)
    subjects[:, 0] = lookup[log.key]
    subjects[:, 1] = lookup[log.page_key]
    everything = np.where(log.is_touch, len(tracked) - 1, len(tracked) - 2)
    subjects[:, 2] = np.where(subjects[:, 0] >= 0, everything, -1)
    said = [f"{days}d" for days in WINDOWS] + ["ever"]
    count_at = np.asarray(
        [[position[f"{key}.count.{window}"] for window in said] for key in tracked], np.int64
    )
    since_at = np.asarray([position[f"{key}.days_since"] for key in tracked], np.int64)
    active_at = np.asarray([position[f"{ACTIVITY}.active_days.{window}"] for window in said], np.int64)
    first_at, previous_at = (position[f"{ACTIVITY}.days_since_{which}"] for which in ("first", "previous"))
    for at in (*count_at.ravel(), *active_at):
        vectors[:, at] = 0.0
    vectors[:, since_at] = np.nan
    _count_events(
        vectors,
        batch.owner,
        batch.as_of,
        log.offsets,
        log.occurred_at,
        log.known_at,
        subjects,
        count_at,
        since_at,
        active_at,
        first_at,
        previous_at,
        SPANS,
        DAY_US,
    )
