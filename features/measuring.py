"""The kernels that measure what the events of a lead say at a moment, in one pass over them in their order.

They are the same for one row and for many, so that no sum is ever split.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from features.decay import halved
from features.durations import DAY_US
from features.event_features import ANSWER_DAYS, HALF_LIVES, PACE_BEFORE, PACE_WINDOW, SUM_WINDOW, WINDOWS
from features.lead_log import DETAIL_KEY, FIELDS, IS_TOUCH, KEY, KNOWN_AT, OCCURRED_AT, VALUE

SPANS = np.asarray([*(days * DAY_US for days in WINDOWS), np.iinfo(np.int64).max], np.int64)
"""The windows in microseconds, all time last."""

NOWHERE = -1
"""Stands for a subject, or a place in the vector, that is not measured."""

SPECIAL = (
    "days_since_previous", "pace", "channel.first", "channel.last", "step", "days_in_step",
    "answered_share", "days_to_answer", "unanswered",
)  # fmt: skip
"""Measures of no subject, in the order of their places."""

_SUM_SPAN = SUM_WINDOW * DAY_US
_PACE_SPAN, _PACE_REACH = PACE_WINDOW * DAY_US, PACE_BEFORE * DAY_US
_PACE_FACTOR = (PACE_BEFORE - PACE_WINDOW) / PACE_WINDOW
_ANSWER_SPAN = ANSWER_DAYS * DAY_US
_LONGEST_HALF_LIFE = float(HALF_LIVES[-1] * DAY_US)
_DAY = float(DAY_US)
_HALF_LIVES, _SPECIALS = len(HALF_LIVES), len(SPECIAL)


@numba.njit(cache=True, nogil=True)
def measure_events(  # noqa: PLR0913, PLR0917  # a kernel
    vectors: Any,
    owner: Any,
    as_of: Any,
    offsets: Any,
    occurred_at: Any,
    known_at: Any,
    key: Any,
    detail_key: Any,
    is_touch: Any,
    value: Any,
    of_key: Any,
    places: Any,
) -> None:
    """Fill the event features of `vectors` (n, features), which are NaN, for n owners at n moments."""
    for row in range(len(owner)):
        measure(
            vectors, row, as_of[row], offsets[owner[row]], offsets[owner[row] + 1],
            occurred_at, known_at, key, detail_key, is_touch, value, of_key, places,
        )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def measure_lead(  # noqa: PLR0917  # a kernel
    vectors: Any, row: int, now: int, held: Any, size: int, of_key: Any, places: Any
) -> bool:
    """Fill the event features of a row of `vectors`, and return whether an event came after `now`.

    `held` and `size` are those of a `features.lead_log.LeadLog`; the events are put in order there.
    """
    put_in_order(held, size, of_key)
    measure(
        vectors, row, now, 0, size, held[OCCURRED_AT], held[KNOWN_AT], held[KEY], held[DETAIL_KEY],
        held[IS_TOUCH], held[VALUE].view(np.float64), of_key, places,
    )  # fmt: skip
    is_late = False
    for event in range(size):
        is_late |= held[OCCURRED_AT, event] > now or held[KNOWN_AT, event] > now
    return is_late


@numba.njit(cache=True, nogil=True)
def put_in_order(held: Any, size: int, of_key: Any) -> None:
    """Put the events of a lead's log in the order of a log, see `features.log_columns.in_order`.

    They are few, and most often nearly in order: each is carried back to its place.
    """
    value = held[VALUE].view(np.float64)
    for event in range(1, size):
        at = event
        while at > 0 and stands_before(held, value, at, at - 1, of_key):
            for field in range(FIELDS):
                held[field, at], held[field, at - 1] = held[field, at - 1], held[field, at]
            at -= 1


@numba.njit(cache=True, nogil=True)
def stands_before(held: Any, value: Any, one: int, other: int, of_key: Any) -> bool:
    """Return whether one event stands before another in a log."""
    if held[OCCURRED_AT, one] != held[OCCURRED_AT, other]:
        return bool(held[OCCURRED_AT, one] < held[OCCURRED_AT, other])
    if held[IS_TOUCH, one] != held[IS_TOUCH, other]:
        return bool(held[IS_TOUCH, one] > held[IS_TOUCH, other])
    worth = np.inf if np.isnan(value[one]) else value[one]
    others = np.inf if np.isnan(value[other]) else value[other]
    if worth != others:
        return bool(worth < others)
    if held[KNOWN_AT, one] != held[KNOWN_AT, other]:
        return bool(held[KNOWN_AT, one] < held[KNOWN_AT, other])
    if held[KEY, one] != held[KEY, other]:
        return bool(of_key[held[KEY, one], 4] < of_key[held[KEY, other], 4])
    detail, others_detail = held[DETAIL_KEY, one], held[DETAIL_KEY, other]
    if detail < 0 or others_detail < 0:
        return bool(detail < others_detail)
    return bool(of_key[detail, 4] < of_key[others_detail, 4])


@numba.njit(cache=True, nogil=True)
def measure(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  # a kernel: plain loops
    vectors: Any,
    row: int,
    now: int,
    first: int,
    end: int,
    occurred_at: Any,
    known_at: Any,
    key: Any,
    detail_key: Any,
    is_touch: Any,
    value: Any,
    of_key: Any,
    places: Any,
) -> None:
    """Fill the event features of a row of `vectors`, which are NaN, at `now`, from events `first` to `end`.

    `places` is the number of subjects and then the tables that say where in the vector each measure of a
    subject goes (NOWHERE: it is not measured), one after the other, since each array that is handed over
    costs a lead more than all it says; see `EventPlan`. An event is visible when it occurred and was known at
    or before `now`; a window is (now - span, now]. An event speaks of up to four subjects: its type,
    its detail, its channel, and all acts or all touches.
    """
    spans = SPANS
    windows = len(spans)
    subjects = places[0]
    start, stop = 1, 1 + subjects * windows
    count_at = places[start:stop].reshape((subjects, windows))
    start, stop = stop, stop + windows
    active_at = places[start:stop]
    start, stop = stop, stop + subjects * _HALF_LIVES
    decayed_at = places[start:stop].reshape((subjects, _HALF_LIVES))
    start, stop = stop, stop + subjects * 3
    value_at = places[start:stop].reshape((subjects, 3))
    start, stop = stop, stop + subjects * 2
    since_at = places[start:stop].reshape((subjects, 2))
    start, stop = stop, stop + _SPECIALS
    special_at = places[start:stop]
    zero_at = places[stop:]
    touches = subjects - 1
    acts = touches - 1
    for place in zero_at:
        vectors[row, place] = 0.0
    last_act = -1
    last_day = np.full(windows, np.iinfo(np.int64).min)
    recent, before = 0.0, 0.0
    first_channel, last_channel, first_at, last_at = -1, -1, now, now
    step, step_at = 0, now
    touched, answered, unanswered = 0, 0, 0
    open_touch = False
    touch_at = now
    days_to_answer = np.nan
    for event in range(first, end):
        when = occurred_at[event]
        if when > now:
            break
        if known_at[event] > now:
            continue
        kind = key[event]
        if of_key[kind, 0] < 0:
            continue
        age = now - when
        days = age / _DAY
        detail = detail_key[event]
        by_us = is_touch[event]
        # A lead's channel counts its own acts; touches are counted apart.
        half = halved(age / _LONGEST_HALF_LIFE)
        for slot in range(4):
            if slot == 0:
                subject = of_key[kind, 0]
            elif slot == 1:
                subject = of_key[detail, 0] if detail >= 0 else -1
            elif slot == 2:
                subject = -1 if by_us else of_key[kind, 1]
            else:
                subject = touches if by_us else acts
            if subject < 0:
                continue
            for window in range(windows - 1, -1, -1):
                if age >= spans[window]:
                    break
                place = count_at[subject, window]
                if place >= 0:
                    vectors[row, place] += 1.0
            place = since_at[subject, 0]
            if place >= 0:
                vectors[row, place] = days
            place = since_at[subject, 1]
            if place >= 0 and np.isnan(vectors[row, place]):
                vectors[row, place] = days
            if decayed_at[subject, 0] >= 0:
                quarter = half * half
                quarter *= quarter
                vectors[row, decayed_at[subject, 2]] += half
                vectors[row, decayed_at[subject, 1]] += quarter
                quarter *= quarter
                vectors[row, decayed_at[subject, 0]] += quarter * quarter
            if value_at[subject, 0] >= 0 and not np.isnan(value[event]):
                if age < _SUM_SPAN:
                    vectors[row, value_at[subject, 0]] += value[event]
                vectors[row, value_at[subject, 1]] += value[event]
                most = vectors[row, value_at[subject, 2]]
                if np.isnan(most) or value[event] > most:
                    vectors[row, value_at[subject, 2]] = value[event]
        if by_us:
            touched += 1
            unanswered += 1
            open_touch = True
            touch_at = when
            continue
        unanswered = 0
        if open_touch:
            open_touch = False
            if when - touch_at <= _ANSWER_SPAN:
                answered += 1
                days_to_answer = (when - touch_at) / _DAY
        if last_act >= 0 and special_at[0] >= 0:
            vectors[row, special_at[0]] = last_act / _DAY
        last_act = age
        if age < _PACE_SPAN:
            recent += 1.0
        elif age < _PACE_REACH:
            before += 1.0
        today = when // DAY_US
        for window in range(windows - 1, -1, -1):
            if age >= spans[window]:
                break
            if today != last_day[window]:
                last_day[window] = today
                if active_at[window] >= 0:
                    vectors[row, active_at[window]] += 1.0
        channel = of_key[kind, 2]
        if channel >= 0:
            # Of channels at one time the first in the list of channels is taken, whatever the order.
            if first_channel < 0 or (when == first_at and channel < first_channel):
                first_channel, first_at = channel, when
            if last_channel < 0 or when > last_at or channel < last_channel:
                last_channel, last_at = channel, when
        reached = of_key[kind, 3]
        if detail >= 0:
            reached = max(reached, of_key[detail, 3])
        if reached > step:
            step, step_at = reached, when
    if special_at[1] >= 0 and before > 0.0:
        vectors[row, special_at[1]] = recent / before * _PACE_FACTOR
    if special_at[2] >= 0 and first_channel >= 0:
        vectors[row, special_at[2]] = first_channel
        vectors[row, special_at[3]] = last_channel
    if special_at[4] >= 0 and step > 0:
        vectors[row, special_at[4]] = step
        vectors[row, special_at[5]] = (now - step_at) / _DAY
    if special_at[6] >= 0:
        if touched > 0:
            vectors[row, special_at[6]] = answered / touched
        vectors[row, special_at[7]] = days_to_answer
        vectors[row, special_at[8]] = unanswered
