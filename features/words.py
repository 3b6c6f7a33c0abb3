"""Features in words: what a group of features that speak of one thing says about a lead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.spec import ACTIVITY, TOUCHES
from features.vocabulary import DONE, deed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.feature import Feature

_EMAIL = {
    "company": "E-mail address at a company's own domain",
    "free": "E-mail address at a free provider",
    "academic": "E-mail address at a university",
    "disposable": "E-mail address at a throw-away provider",
}
_SOURCE = {
    "organic": "Came through organic search",
    "inbound": "Came directly, or through content or social media",
    "paid": "Came through an advertisement",
    "event": "Came through an event",
    "outbound": "We approached the lead first",
    "referral": "Came on a recommendation",
}


def is_known(values: Sequence[float]) -> bool:
    """Return whether anything is known of a group: one value that is not missing."""
    return any(not math.isnan(value) for value in values)


def say(features: Sequence[Feature], values: Sequence[float]) -> str:
    """Say what is known, for features that are about one thing and their values (at least one known).

    It claims nothing beyond these values, and it praises or blames nothing: whether they raised or
    lowered the score stands beside it.
    """
    first = features[0]
    if first.measure == "count":
        return _said_of_events(first.about, first.family == "context", features, values)
    if first.measure == "age":
        days = math.floor(values[0])
        return f"The lead is {_plural(days, 'day')} old" if days else "The lead is less than a day old"
    if (first.measure, first.part) == ("category", "kind"):
        return _EMAIL[first.vocabulary[int(values[0])]]
    if (first.measure, first.part) == ("category", "source"):
        return _SOURCE[first.vocabulary[int(values[0])]]
    if (first.measure, first.part) == ("number", "completeness"):
        return f"{values[0]:.0%} of the fields about the lead are filled in"
    held = [_value(f, v) for f, v in zip(features, values, strict=True) if not math.isnan(v)]
    said = [text for text in held if text]
    return f"{name_of(first.about)}: {', '.join(said) if said else 'none of the common ones'}"


def name_of(column: str) -> str:
    """Return a column's name as a person would write it.

    >>> name_of("company_size"), name_of("Total Time Spent")
    ('Company size', 'Total Time Spent')
    """
    if " " in column or not column.islower():
        return column
    spaced = column.replace("_", " ").replace(".", " ").strip() or column
    return spaced[0].upper() + spaced[1:]


def _value(feature: Feature, value: float) -> str:
    if feature.measure == "contains":
        return str(feature.part) if value == 1.0 else ""
    if feature.measure == "boolean":
        return "yes" if value == 1.0 else "no"
    if feature.measure == "category":
        code = int(value)
        if code >= len(feature.vocabulary):
            return "a rare value"
        name = feature.vocabulary[code]
        return f"other {feature.part}" if name == "other" and feature.part else name
    return f"{value:,.10g}"


def _said_of_events(about: str, by_us: bool, features: Sequence[Feature], values: Sequence[float]) -> str:
    read = {(f.measure, f.window): v for f, v in zip(features, values, strict=True)}
    counts = sorted(
        ((window or math.inf, v) for (measure, window), v in read.items() if measure == "count"),
        key=lambda pair: pair[0],
    )
    window, times = next(((w, int(v)) for w, v in counts if v > 0), (math.inf, 0))
    days = read.get(("days_since", None), math.nan)
    if about == ACTIVITY:
        if not times:
            return "No activity of a known kind so far"
        active = int(read["active_days", None if window == math.inf else int(window)])
        return f"Active on {_plural(active, 'day')}{_when(window, days)}"
    if about == TOUCHES:
        if not times:
            return "We have not made contact yet"
        return f"We made contact {_times(times)}{_when(window, days)}"
    done = deed(about)
    if done is None:
        name = name_of(about)
        return f"{name}: {_times(times)}{_when(window, days)}" if times else f"{name}: never"
    if by_us:
        done = done.replace("with us", "with the lead")
    if not times:
        verb, _, rest = done.partition(" ")
        participle = f"{DONE.get(verb, verb)} {rest}".rstrip()
        return f"We have not {participle} yet" if by_us else f"Has not {participle} yet"
    said = f"We {done}" if by_us else done[0].upper() + done[1:]
    return f"{said} {_times(times)}{_when(window, days)}"


def _when(window: float, days_since: float) -> str:
    if window != math.inf:
        return f" in the last {int(window)} days"
    return f", last {_plural(math.floor(days_since), 'day')} ago"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
