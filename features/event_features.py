"""Which features the events of a lead give: the names, measures and windows that the kernel fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.feature import ACTIVITY, RESPONSE, STEP, TOUCHES, Family, Feature
from features.vocabulary import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.spec import FeatureSpec

WINDOWS = (7, 30, 90)
"""Lengths in days of the windows that events are counted in, besides all time."""

HALF_LIVES = (7, 28, 112)
"""Days after which an event counts half in a decayed count; each is four times the one before."""

CHANNEL_WINDOW = 30
"""Days over which the acts of a channel are counted, besides all time."""

SUM_WINDOW = 90
"""Days over which values are added up, besides all time."""

PACE_WINDOW, PACE_BEFORE = 14, 90
"""The pace compares the acts a day of the last days with those from there back to so many days ago."""

ANSWER_DAYS = 7
"""A touch is answered by the first act that follows within so many days, before the next touch."""

CHANNEL = "channel"
"""Begins the names of what is about a channel."""


def channel_subject(channel: str) -> str:
    """Return what features of all acts over a channel are about."""
    return f"{CHANNEL}.{channel}"


def event_features(spec: FeatureSpec) -> Iterable[Feature]:
    """Return the features of events, in the order of the vector.

    Of what hardly any lead shows twice, the days since it tell all that windows would. A channel over which
    the lead acts in one way only has no features of its own: they would be that type's.
    """
    touches, details, values = set(spec.touch_keys), set(spec.detail_keys), set(spec.value_keys)
    single = set(spec.single_keys)
    for key in spec.event_keys:
        family: Family = "context" if key in touches else "engagement"
        yield from _counts(key, family, () if key in single else WINDOWS)
        yield _since(key, family)
        if key not in details | single:
            yield Feature(f"{key}.days_since_first", "days_since_first", family, key)
        if key in values:
            yield Feature(f"{key}.value_sum.{SUM_WINDOW}d", "value_sum", family, key, window=SUM_WINDOW)
            yield Feature(f"{key}.value_sum.ever", "value_sum", family, key)
            yield Feature(f"{key}.value_max", "value_max", family, key)
    for channel in spec.channels:
        about = channel_subject(channel)
        yield from _counts(about, "engagement", (CHANNEL_WINDOW,))
        yield from _decayed(about)
        yield _since(about, "engagement")
    yield from _of_activity()
    if spec.channels:
        for which in ("first", "last"):
            about = channel_subject(which)
            yield Feature(about, "channel", "engagement", about, which, vocabulary=CHANNELS)
        yield Feature(STEP, "step", "engagement", STEP)
        yield Feature(f"{STEP}.days", "days_in_step", "engagement", STEP)
    yield from _counts(TOUCHES, "context")
    yield _since(TOUCHES, "context")
    if touches:
        for measure in ("answered_share", "days_to_answer", "unanswered"):
            yield Feature(f"{RESPONSE}.{measure}", measure, "engagement", RESPONSE)


def _of_activity() -> Iterable[Feature]:
    yield from _counts(ACTIVITY, "engagement")
    yield from _decayed(ACTIVITY)
    yield _since(ACTIVITY, "engagement")
    for window in (*WINDOWS, None):
        name = f"{ACTIVITY}.active_days.{said(window)}"
        yield Feature(name, "active_days", "engagement", ACTIVITY, window=window)
    for measure in ("days_since_first", "days_since_previous", "pace"):
        yield Feature(f"{ACTIVITY}.{measure}", measure, "engagement", ACTIVITY)


def _counts(about: str, family: Family, windows: tuple[int, ...] = WINDOWS) -> Iterable[Feature]:
    for window in (*windows, None):
        yield Feature(f"{about}.count.{said(window)}", "count", family, about, window=window)


def _decayed(about: str) -> Iterable[Feature]:
    for days in HALF_LIVES:
        yield Feature(f"{about}.decayed.{days}d", "decayed", "engagement", about, window=days)


def _since(about: str, family: Family) -> Feature:
    return Feature(f"{about}.days_since", "days_since", family, about)


def said(window: int | None) -> str:
    """Return a window as the names of features say it.

    >>> said(7), said(None)
    ('7d', 'ever')
    """
    return "ever" if window is None else f"{window}d"
