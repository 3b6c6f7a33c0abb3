"""What a group of features that speak of one thing says about a lead, whatever it is read from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.columns.names import YEAR
from features.words.events import EVENT_MEASURES, name_of, plural, say_events

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


def said(features: Sequence[Feature], values: Sequence[float]) -> str:
    """Say what is known, for features that are about one thing and their values (at least one known).

    It claims nothing beyond these values, and it praises or blames nothing: whether they raised or
    lowered the score stands beside it.
    """
    first = features[0]
    if first.measure in EVENT_MEASURES:
        return say_events(features, values)
    if first.measure == "age":
        days = math.floor(values[0])
        return f"The lead is {plural(days, 'day')} old" if days else "The lead is less than a day old"
    if (first.measure, first.part) == ("category", "kind"):
        return _EMAIL[first.vocabulary[int(values[0])]]
    if (first.measure, first.part) == ("category", "source"):
        return _SOURCE[first.vocabulary[int(values[0])]]
    if (first.measure, first.part) == ("number", "completeness"):
        return f"{values[0]:.0%} of the fields about the lead are filled in"
    held = [_value(f, v) for f, v in zip(features, values, strict=True) if not math.isnan(v)]
    told = [text for text in held if text]
    return f"{name_of(first.about)}: {', '.join(told) if told else 'none of the common ones'}"


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
    return f"{value:.0f}" if is_year(feature.about, value) else f"{value:,.10g}"


def is_year(column: str, value: float) -> bool:
    """Return whether a number in a column of this name is a year, which is written without a separator.

    >>> is_year("Founded year", 1951.0), is_year("employees", 1951.0), is_year("founded", 12_000.0)
    (True, False, False)
    """
    return 1_000 <= value < 3_000 and value % 1 == 0 and YEAR.search(column) is not None
