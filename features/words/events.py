"""Features of events in words: what a lead did, and what we did, as one sentence about one thing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.event_features import channel_subject
from features.feature import ACTIVITY, TOUCHES
from features.vocabulary import CHANNEL_NAMES, CHANNELS, DONE, STEPS, deed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.feature import Feature

    Read = dict[tuple[str, int | None], float]
    """The values of a group by measure and window."""

EVENT_MEASURES = {"count", "channel", "step", "answered_share"}
"""What the first feature of a group measures that this page speaks of."""

_CHANNEL_OF = {channel_subject(channel): CHANNEL_NAMES[channel] for channel in CHANNELS}


def say_events(features: Sequence[Feature], values: Sequence[float]) -> str:
    """Say what features about one thing (at least one known) tell of a lead's events."""
    about = features[0].about
    read: Read = {(f.measure, f.window): v for f, v in zip(features, values, strict=True)}
    match features[0].measure:
        case "channel":
            which = "First" if about == channel_subject("first") else "Latest"
            return f"{which} act through {CHANNEL_NAMES[CHANNELS[int(values[0])]]}"
        case "step":
            return _said_of_step(read)
        case "answered_share":
            return _said_of_response(read)
    window, times = _narrowest(read)
    days = read.get(("days_since", None), math.nan)
    if about == ACTIVITY:
        if not times:
            return "No activity of a known kind so far"
        active = int(read["active_days", None if window == math.inf else int(window)])
        return f"Active on {plural(active, 'day')}{_when(window, days)}"
    if about == TOUCHES:
        if not times:
            return "We have not made contact yet"
        return f"We made contact {times_of(times)}{_when(window, days)}"
    if about in _CHANNEL_OF:
        said = f"through {_CHANNEL_OF[about]}"
        return f"Active {said} {times_of(times)}{_when(window, days)}" if times else f"Not active {said} yet"
    return _said_of_type(about, features[0].family == "context", times, _when(window, days)) + _worth(read)


def _narrowest(read: Read) -> tuple[float, int]:
    """Return the narrowest window that holds an event, and how many it holds."""
    counts = sorted(
        ((window or math.inf, v) for (measure, window), v in read.items() if measure == "count"),
        key=lambda pair: pair[0],
    )
    return next(((w, int(v)) for w, v in counts if v > 0), (math.inf, 0))


def _said_of_type(key: str, by_us: bool, times: int, when: str) -> str:
    done = deed(key)
    if done is None:
        name = name_of(key)
        return f"{name}: {times_of(times)}{when}" if times else f"{name}: never"
    if by_us:
        done = done.replace("with us", "with the lead").replace("to us", "to the lead")
    if not times:
        verb, _, rest = done.partition(" ")
        participle = f"{DONE.get(verb, verb)} {rest}".rstrip()
        return f"We have not {participle} yet" if by_us else f"Has not {participle} yet"
    said = f"We {done}" if by_us else done[0].upper() + done[1:]
    return f"{said} {times_of(times)}{when}"


def _worth(read: Read) -> str:
    most = read.get(("value_max", None), math.nan)
    if not math.isfinite(most) or not math.isfinite(read["value_sum", None]):
        return ""
    return f" (value {read['value_sum', None]:,.10g} in all, {most:,.10g} at most)"


def _said_of_step(read: Read) -> str:
    step = int(read["step", None])
    if not step:
        return "No step towards buying so far"
    days = math.floor(read["days_in_step", None])
    return f"Reached the step of {STEPS[step - 1]} {plural(days, 'day')} ago"


def _said_of_response(read: Read) -> str:
    share = read["answered_share", None]
    unanswered = int(read["unanswered", None])
    if math.isnan(share):
        return "Nothing of ours to answer yet"
    said = (
        f"Answered {100 * share:.0f} % of our touches within a week"
        if share
        else "Answered no touch within a week"
    )
    return f"{said}; {plural(unanswered, 'touch')} since the last act" if unanswered else said


def name_of(column: str) -> str:
    """Return a column's or a type's name as a person would write it.

    >>> name_of("company_size"), name_of("Total Time Spent")
    ('Company size', 'Total Time Spent')
    """
    if " " in column or not column.islower():
        return column
    spaced = column.replace("_", " ").replace(".", " ").strip() or column
    return spaced[0].upper() + spaced[1:]


def _when(window: float, days_since: float) -> str:
    if window != math.inf:
        return f" in the last {int(window)} days"
    return "" if math.isnan(days_since) else f", last {plural(math.floor(days_since), 'day')} ago"


def times_of(count: int) -> str:
    """Return how often: 'once', 'twice', '3 times'."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def plural(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> plural(1, "day"), plural(2, "touch")
    ('1 day', '2 touches')
    """
    ending = "es" if noun.endswith("ch") else "s"
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{ending}"
