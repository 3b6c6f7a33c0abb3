"""Who has a lead that others were merged into: one rep, as of any lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.store.dialects import in_batches
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, NOTICES, TIMERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

MERGED = "Merged into another lead, which somebody has."


def let_survivor_own(connection: Connection, absorbed: Sequence[int], into: int, now: int) -> None:
    """Give the survivor the assignments of the leads that it took in, of which one stays live at most.

    Its own rep keeps it; else the rep who has one of the others since the longest; else it waits where it
    waited, or where the first of them did. The other live ones end as closed, and their timers with them.
    The caller holds all these leads.
    """
    leads = [into, *absorbed]
    live = _live(connection, leads)
    ranked = sorted(live, key=lambda row: (row.rep is None, row.lead != into, row.assigned_at, row.id))
    for row in ranked[1:]:
        ended = sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == row.id)
        closed = {"state": "closed", "ended_at": max(now, row.assigned_at), "ended_because": MERGED}
        connection.execute(ended.values(closed))
        pending = TIMERS.c.fired_at.is_(None) & TIMERS.c.cancelled_at.is_(None)
        connection.execute(
            sa.update(TIMERS).where(TIMERS.c.assignment == row.id, pending).values(cancelled_at=now)
        )
    for batch in in_batches(absorbed):
        for table in (ASSIGNMENTS, TIMERS, NOTICES):
            connection.execute(sa.update(table).where(table.c.lead.in_(batch)).values(lead=into))
        connection.execute(sa.update(LEAD_STATES).where(LEAD_STATES.c.lead.in_(batch)).values(owner=None))
    owner = ranked[0].rep if ranked else None
    connection.execute(sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == into).values(owner=owner))


def _live(connection: Connection, leads: Sequence[int]) -> list[Row[Any]]:
    live = ASSIGNMENTS.select().where(ASSIGNMENTS.c.ended_at.is_(None))
    found: list[Row[Any]] = []
    for batch in in_batches(leads):
        found.extend(connection.execute(live.where(ASSIGNMENTS.c.lead.in_(batch))))
    return found
