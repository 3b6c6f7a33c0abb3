"""Explanations in words: what reasons, features, bins of values and directions are called."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from features.columns.names import YEAR
from features.words import ENGLISH
from models.reasons.groups import groups_of

if TYPE_CHECKING:
    from features.feature import Feature, Measure
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from training.explaining.explanations import Bin, Dependence, Moved

DIRECTION = 0.4
"""A trend of less (a rank correlation) goes up and down: it has no one direction."""

NAMED = 3
"""So many categories of a bin are named; the others are counted."""

NOT_KNOWN = "not known"

_OF_VALUES: dict[Measure, str] = {
    "age": "days",
    "days_since": "days since the last",
    "days_since_first": "days since the first",
    "days_since_previous": "days between the last two",
    "value_max": "largest value",
    "pace": "pace",
    "channel": "which",
    "step": "step reached",
    "days_in_step": "days since that step",
    "answered_share": "share answered",
    "days_to_answer": "days to an answer",
    "unanswered": "touches unanswered",
}
_MORE: dict[Measure, str] = {
    "number": "the higher the value",
    "age": "the older the lead",
    "days_since": "the longer ago",
    "days_since_first": "the longer ago the first",
    "days_since_previous": "the longer between the last two",
    "value_sum": "the higher its value",
    "value_max": "the higher its value",
    "pace": "the faster of late",
    "step": "the further the step",
    "days_in_step": "the longer at that step",
    "answered_share": "the more is answered",
    "days_to_answer": "the slower the answer",
    "unanswered": "the more is unanswered",
}


def names_of(spec: FeatureSpec, words: Phrasebook = ENGLISH) -> dict[tuple[bool, str], str]:
    """Return what each reason of a spec is called, by its key; where two share a name, what each is of.

    What is joined into a reason is found by its own key too.
    """
    groups = groups_of(spec)
    names = {group.key: words.name(group.features) for group in groups}
    shared = Counter(names.values())
    return {
        (feature.is_of_column, feature.about): name if shared[name] == 1 else f"{name} ({_of(group.key)})"
        for group in groups
        for name in (names[group.key],)
        for feature in group.features
    }


def _of(key: tuple[bool, str]) -> str:
    return f"column {key[1]}" if key[0] else f"event {key[1]}"


def feature_said(name: str, feature: Feature) -> str:
    """Return what a feature of a reason of that name tells.

    >>> from features.feature import Feature
    >>> feature_said("Demo asked for", Feature("demo.count.30d", "count", "engagement", "demo", window=30))
    'Demo asked for: times in 30 days'
    """
    what = _told_by(feature)
    return f"{name}: {what}" if what else name


def value_said(feature: Feature) -> str:
    """Return what the values of a feature are, to stand along an axis."""
    return _told_by(feature) or "value"


def _told_by(feature: Feature) -> str:
    within = "" if feature.window is None else f" in {feature.window} days"
    match feature.measure:
        case "count":
            return f"times{within}"
        case "active_days":
            return f"active days{within}"
        case "value_sum":
            return f"value{within or ' in all'}"
        case "decayed":
            return f"times, halved every {feature.window} days"
        case "number" | "boolean" | "category" | "contains":
            return feature.part or ""
        case measure:
            return _OF_VALUES[measure]


def bin_said(feature: Feature, found: Bin) -> str:
    """Return which values are in a bin of a feature.

    >>> from features.feature import Feature
    >>> from training.explaining.explanations import Bin
    >>> from training.measures import Figure
    >>> size, some = Feature("size", "number", "fit", "size"), Figure(0.1, 0.0, 0.2)
    >>> bin_said(size, Bin(rows=30, leads=30, mean=some, low=50.0, high=200.0))
    '50 to 200'
    >>> country = Feature("country", "category", "fit", "country", vocabulary=("DE", "FR"))
    >>> bin_said(country, Bin(rows=30, leads=30, mean=some, codes=(0, 2)))
    'DE, rare values'
    """
    if found.codes:
        names = [_category(feature, code) for code in found.codes]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return ", ".join(names[:NAMED]) + more
    if feature.measure in {"boolean", "contains"} and found.low == found.high is not None:
        return "yes" if found.low == 1.0 else "no"
    low, high = (None if value is None else number_said(feature, value) for value in (found.low, found.high))
    if low is None:
        return "all" if high is None else f"below {high}"
    if high is None:
        return f"{low} and more"
    return low if low == high else f"{low} to {high}"


def number_said(feature: Feature, value: float) -> str:
    """Return a number among the values of a feature."""
    if 1_000 <= value < 3_000 and value % 1 == 0 and YEAR.search(feature.about):
        return f"{value:.0f}"
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def _category(feature: Feature, code: int) -> str:
    return feature.vocabulary[code] if code < len(feature.vocabulary) else "rare values"


def direction_said(moved: Moved, feature: Feature, found: Dependence | None) -> str:
    """Return in words which way a reason moves scores, by its strongest `feature`; no direction is said too.

    >>> from features.feature import Feature
    >>> from training.explaining.explanations import Moved
    >>> from training.measures import Figure
    >>> size = Moved(is_of_column=True, about="size", family="fit", size=Figure(0.2, 0.1, 0.3), by="size",
    ...     trend=0.8)
    >>> direction_said(size, Feature("size", "number", "fit", "size"), None)
    'the higher the value, the higher the score'
    """
    if moved.size.value == 0.0:
        return "moves no score"
    if feature.is_category:
        return _extremes(feature, found)
    if moved.trend is None or abs(moved.trend) < DIRECTION:
        return "no one direction"
    way = "higher" if moved.trend > 0 else "lower"
    if feature.measure in {"boolean", "contains"}:
        return f"{way} where {feature.part} is among them" if feature.part else f"{way} where yes"
    return f"{_MORE.get(feature.measure, 'the more')}, the {way} the score"


def _extremes(feature: Feature, found: Dependence | None) -> str:
    """Return the categories that raise and lower scores most, with confidence."""
    if found is None:
        return "differs by category"
    raising = [one for one in found.bins if one.mean.low > 0]
    lowering = [one for one in found.bins if one.mean.high < 0]
    said = []
    if raising:
        said.append(f"highest for {bin_said(feature, max(raising, key=lambda one: one.mean.value))}")
    if lowering:
        said.append(f"lowest for {bin_said(feature, min(lowering, key=lambda one: one.mean.value))}")
    return ", ".join(said) or "no one direction"
