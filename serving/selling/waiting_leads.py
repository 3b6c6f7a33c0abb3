"""Leads that are for sales and that no rep has yet: who is to be served first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.identity import IS_SHOWN
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

FIRST_GRADE = "A1"


def waiting_leads(connection: Connection, claimed_from: Collection[str], limit: int) -> list[int]:
    """Return open leads that go to sales and have no rep, by number, in the order in which they are served.

    A1 first, then the hot ones, then by score; of those alike the one that is in its stage for longest.
    Leads of the queues in `claimed_from`, from which reps help themselves, are left out.
    """
    live = sa.select(ASSIGNMENTS.c.lead).where(
        ASSIGNMENTS.c.lead == LEAD_STATES.c.lead,
        ASSIGNMENTS.c.ended_at.is_(None),
        ASSIGNMENTS.c.rep.is_not(None) | ASSIGNMENTS.c.queue.in_(sorted(claimed_from)),
    )
    query = (
        sa.select(LEAD_STATES.c.lead)
        .join(LEADS, LEADS.c.number == LEAD_STATES.c.lead)
        .where(
            LEAD_STATES.c.action == "route",
            LEADS.c.standing == "open",
            IS_SHOWN,
            sa.or_(LEAD_STATES.c.queue.is_(None), LEAD_STATES.c.queue.not_in(sorted(claimed_from))),
            ~live.exists(),
        )
        .order_by(
            sa.case((LEADS.c.grade == FIRST_GRADE, 0), (LEAD_STATES.c.temperature == "hot", 1), else_=2),
            sa.func.coalesce(LEADS.c.score, -1).desc(),
            LEAD_STATES.c.stage_since,
            LEAD_STATES.c.lead,
        )
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
