"""All assignments that run, page by page: their timers are settled when the policy's clocks are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.identity import locked
from serving.selling.clocks.timers import settle_timers
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from decisions.clocks.policy import ClockRules


def settle_next(connection: Connection, clocks: ClockRules, after: str, limit: int, now: int) -> str | None:
    """Settle the timers of at most `limit` running assignments whose ids come after one.

    Returns the last of these ids, to go on with; None where there are no more.
    """
    running = (ASSIGNMENTS.c.id > after) & ASSIGNMENTS.c.ended_at.is_(None)
    found = sa.select(ASSIGNMENTS.c.id, ASSIGNMENTS.c.lead).where(running)
    rows = connection.execute(found.order_by(ASSIGNMENTS.c.id).limit(limit)).all()
    locked(connection, {row.lead for row in rows}, LEADS.c.number)
    settle_timers(connection, [row.id for row in rows], clocks, now)
    return rows[-1].id if len(rows) == limit else None
