"""A win as a rule over the events of one lead: what `features.reading.winning` does for whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.durations import DAY_US
from features.lead_standing import Ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.mapping import WonWhen


def win_by_rule(events: Iterable[tuple[int, int]], rule: WonWhen) -> Ending | None:
    """Return the first win that events of type `rule.event` make, or None where they make none.

    `events` are (occurred_at, known_at) in microseconds UTC, in any order. Of them (with `distinct_days`: of
    the first on each UTC day), the last of `rule.count` in a row must lie less than `rule.within` after the
    first. The win occurs at the last of them, and is known when all of them are.

    >>> from features.mapping import WonWhen
    >>> win_by_rule([(9, 9), (1, 1), (5, 20)], WonWhen(event="visit", count=2, within=5))
    Ending(outcome='won', occurred_at=5, known_at=20)
    """
    run = sorted(events, key=lambda event: event[0])
    if rule.distinct_days:
        first_of_day = {at // DAY_US: (at, known) for at, known in reversed(run)}
        run = sorted(first_of_day.values())
    for last in range(rule.count - 1, len(run)):
        members = run[last - rule.count + 1 : last + 1]
        occurred_at = members[-1][0]
        if rule.within is None or occurred_at - members[0][0] < rule.within:
            return Ending("won", occurred_at, max(known for _, known in members))
    return None
