"""Who is among the best of the day, where sales takes so many leads a day and no more.

A day is one of UTC. Who came into SQL as offered on it was handed over, also one that raised a hand: of the
places that a day has as many are taken. The others go to the best of those that wait: open, neither out nor
with sales nor recycled, and not over the threshold yet. They are taken by the scores, or values, that the
store holds: one that was never scored waits for the next look, a few seconds later. Nobody knows who will
come later in the day, so the best that are there go first, and who comes when all places are taken waits for
the next day, unless it raises a hand. Nobody but the best goes over, so there are never more than places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.durations import DAY_US
from serving.history.identity import IS_SHOWN
from serving.store.schema import LEADS
from serving.store.schema_selling import LEAD_STATES, STAGES_PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from decisions.policy.handoff import Handoff

BEYOND_ALL = {"capacity": 100.0, "value": 1e12}
"""The score, or value, that no lead has: what is asked of those that are not among the best."""

_WAITS = sa.and_(
    IS_SHOWN,
    LEADS.c.standing == "open",
    sa.or_(
        LEAD_STATES.c.lead.is_(None),
        sa.and_(
            LEAD_STATES.c.action == "nurture",
            LEAD_STATES.c.over_threshold.is_(sa.false()),
            LEAD_STATES.c.stage.is_distinct_from("recycled"),
        ),
    ),
)


def cuts_of(
    connection: Connection, numbers: Iterable[int], now: int, handoff: Handoff
) -> dict[int, float | None]:
    """Return the least score (by capacity) or value (by value) that each lead needs today.

    None where the policy asks for no such thing. A lead that is among the best needs no more than the last of
    them has; any other, more than there is. `now` in microseconds UTC.
    """
    wanted = list(numbers)
    if handoff.by not in BEYOND_ALL or handoff.a_day is None:
        return dict.fromkeys(wanted)
    best = best_of_day(connection, handoff, now)
    last, beyond = min(best.values(), default=0.0), BEYOND_ALL[handoff.by]
    return {number: last if number in best else beyond for number in wanted}


def best_of_day(connection: Connection, handoff: Handoff, now: int) -> dict[int, float]:
    """Return who is to be handed over of those that wait, by number, with their scores or values."""
    if handoff.by not in BEYOND_ALL or handoff.a_day is None:
        return {}
    places = handoff.a_day - _handed_over(connection, now)
    if places <= 0:
        return {}
    rank = LEADS.c.score if handoff.by == "capacity" else LEAD_STATES.c.value
    least = 0 if handoff.by == "capacity" else handoff.value.least
    found = (
        sa.select(LEADS.c.number, rank)
        .outerjoin(LEAD_STATES, LEAD_STATES.c.lead == LEADS.c.number)
        .where(_WAITS, rank >= least)
        .order_by(rank.desc(), LEADS.c.number)
        .limit(places)
    )
    return {number: float(held) for number, held in connection.execute(found)}


def day_of(now: int) -> int:
    """Return when the day of a moment began, in UTC, both in microseconds.

    >>> day_of(1_795_253_400_000_000) - 1_795_253_400_000_000 == -(9 * 3600 + 30 * 60) * 1_000_000
    True
    """
    return now - now % DAY_US


def _handed_over(connection: Connection, now: int) -> int:
    """Count the leads that were handed over on the day of a moment."""
    offered = (STAGES_PASSED.c.stage == "SQL") & (STAGES_PASSED.c.substage == "offered")
    counted = sa.select(sa.func.count(sa.distinct(STAGES_PASSED.c.lead))).where(
        offered, STAGES_PASSED.c.entered_at >= day_of(now)
    )
    return connection.execute(counted).scalar_one()
