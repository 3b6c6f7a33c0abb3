"""Who is among the best of the day, where sales takes so many leads a day and no more.

A day is one of UTC. Who came into SQL as offered on it was handed over, also one that raised a hand: of the
places that a day has as many are taken. The others go to the best of those that wait: open, neither out nor
with sales nor recycled, and not over the threshold yet. They are taken as they stand now, without knowing who
will come later in the day; so the best that are there go first, and who comes when all places are taken waits
for the next day, unless it raises a hand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.durations import DAY_US
from serving.history.identity import IS_SHOWN
from serving.store.schema import LEADS
from serving.store.schema_selling import LEAD_STATES, STAGES_PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from decisions.policy.handoff import Handoff

BEYOND_ALL = {"capacity": 100.0, "value": 1e12}
"""The score, or value, that no lead has: what is asked for when all places of the day are taken."""

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
    connection: Connection,
    numbers: Iterable[int],
    now: int,
    handoff: Handoff,
    ranks: Mapping[int, float] | None = None,
) -> dict[int, float | None]:
    """Return the least score (by capacity) or value (by value) that each lead needs today.

    None where the policy asks for no such thing. A lead that is among the best keeps its place as long as it
    is no worse than the last of them; any other has to be better than that one. `ranks` are new scores or
    values of these leads, which the store does not hold yet. `now` in microseconds UTC.
    """
    wanted = list(numbers)
    if handoff.by not in BEYOND_ALL or handoff.a_day is None:
        return dict.fromkeys(wanted)
    places = handoff.a_day - _handed_over(connection, now)
    best = best_waiting(connection, handoff, places, ranks) if places > 0 else {}
    if places > len(best):
        return dict.fromkeys(wanted, 0.0 if handoff.by == "capacity" else None)
    if not best:
        return dict.fromkeys(wanted, BEYOND_ALL[handoff.by])
    last = min(best.values())
    more = last + 1 if handoff.by == "capacity" else math.nextafter(last, math.inf)
    return {number: last if number in best else more for number in wanted}


def best_of_day(connection: Connection, handoff: Handoff, now: int) -> dict[int, float]:
    """Return who would be handed over now of those that wait, with their scores or values."""
    if handoff.by not in BEYOND_ALL or handoff.a_day is None:
        return {}
    places = handoff.a_day - _handed_over(connection, now)
    return best_waiting(connection, handoff, places) if places > 0 else {}


def best_waiting(
    connection: Connection, handoff: Handoff, places: int, ranks: Mapping[int, float] | None = None
) -> dict[int, float]:
    """Return the best of those that wait, by number, with their scores or values: at most so many."""
    new = ranks or {}
    rank = LEADS.c.score if handoff.by == "capacity" else LEAD_STATES.c.value
    found = (
        sa.select(LEADS.c.number, rank)
        .outerjoin(LEAD_STATES, LEAD_STATES.c.lead == LEADS.c.number)
        .where(_WAITS, rank.is_not(None))
        .order_by(rank.desc(), LEADS.c.number)
        .limit(places + len(new))
    )
    waiting = {number: float(held) for number, held in connection.execute(found)}
    if new:
        own = (
            sa.select(LEADS.c.number)
            .outerjoin(LEAD_STATES, LEAD_STATES.c.lead == LEADS.c.number)
            .where(_WAITS, LEADS.c.number.in_(list(new)))
        )
        are_waiting = set(connection.execute(own).scalars())
        waiting = {number: held for number, held in waiting.items() if number not in new}
        waiting |= {number: float(new[number]) for number in are_waiting}
    order = sorted(waiting.items(), key=lambda one: (-one[1], one[0]))
    return dict(order[:places])


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
