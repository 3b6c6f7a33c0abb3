"""What the names mean that stand in conditions: counts of events, lists, numbers, segments, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Points, Table, Written
from decisions.agreement.lengths import calendar_time
from decisions.conditions import names_in
from decisions.policy.checking import conditions_of

if TYPE_CHECKING:
    from decisions.agreement.content import Part
    from decisions.policy import Policy
    from decisions.policy.attributes import HistorySummary

GIVES = {"count": "how many", "kinds": "how many kinds of", "days_since": "days since the last of"}


def names(policy: Policy) -> tuple[Part, ...]:
    """Return what the policy's own names stand for."""
    parts: list[Part] = [
        (
            "Scores and fit scores count from 0 to 99 and are ranks: 70 means more likely than 70 of 100 "
            "leads "
            "that are scored."
        )
    ]
    numbers = tuple(f"{name} is {value:,.10g}." for name, value in policy.numbers.items())
    lists = tuple(
        f"{name}: {', '.join(values) if values else 'none named'}." for name, values in policy.lists.items()
    )
    history = tuple((name, _counted(one)) for name, one in policy.history.items())
    asked = frozenset[str]().union(
        *(names_in(text) for group in conditions_of(policy) for text in group.values())
    )
    of_columns = tuple(
        (name, ", ".join(one.columns)) for name, one in policy.attributes.items() if name in asked
    )
    if numbers or lists:
        parts.append(Points((*numbers, *lists)))
    if history:
        parts.append(Table(("Name", "What it counts"), history))
    for name, one in policy.segments.items():
        if not one.off and one.by is not None:
            parts.append(f"segment_{name} is {one.by.replace('_', ' ')}.")
        for case, text in () if one.off else one.cases.items():
            parts.append(Written(f"segment_{name} is {case} where", text))
    if of_columns:
        parts.append(Table(("Name", "The first of these columns that a lead has"), of_columns))
    return tuple(parts)


def _counted(one: HistorySummary) -> str:
    what = ", ".join(one.events) if one.events else ("own acts" if one.of == "lead" else "touches by us")
    within = "of all time" if one.within is None else f"in the last {calendar_time(one.within)}"
    return f"{GIVES[one.gives]} {what} {within}"
