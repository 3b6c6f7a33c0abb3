"""Leads that are to be assigned, and assignments that hold no longer, found in the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.identity import IS_SHOWN
from serving.selling.giving.queues import FROM_WAITING, IS_WAITING, served_first
from serving.store.schema import LEADS, STALE_LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, REPS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

_IS_OPEN = IS_SHOWN & (LEADS.c.standing == "open")


@dataclass(frozen=True, slots=True)
class Ended:
    """A live assignment that holds no longer. `is_gone`: the lead is; else its rep has left."""

    id: str
    lead: int
    is_gone: bool


def waiting_leads(
    connection: Connection, claimed: Collection[str], limit: int, put_off: Collection[int]
) -> list[int]:
    """Return open leads that wait for a rep, those that are served first before others.

    Left out are those in the queues `claimed`, from which reps claim, and those that are put off.
    """
    waiting = (
        sa.select(ASSIGNMENTS.c.lead)
        .select_from(FROM_WAITING)
        .where(IS_WAITING, _IS_OPEN, LEAD_STATES.c.action == "route")
        .where(ASSIGNMENTS.c.queue.not_in(claimed), ASSIGNMENTS.c.lead.not_in(put_off))
    )
    return list(connection.execute(waiting.order_by(*served_first()).limit(limit)).scalars())


def leads_of_nobody(connection: Connection, limit: int) -> list[int]:
    """Return open leads that are decided to go to sales, and neither wait nor are with a rep.

    Left out are those that wait for a new score: after it they are decided on again.
    """
    live = sa.select(ASSIGNMENTS.c.lead).where(ASSIGNMENTS.c.ended_at.is_(None))
    nobodys = (
        sa.select(LEAD_STATES.c.lead)
        .join(LEADS, LEADS.c.number == LEAD_STATES.c.lead)
        .where(LEAD_STATES.c.action == "route", _IS_OPEN, LEAD_STATES.c.lead.not_in(live))
        .where(LEAD_STATES.c.lead.not_in(sa.select(STALE_LEADS.c.lead)))
        .order_by(LEADS.c.score.desc(), LEAD_STATES.c.lead)
    )
    return list(connection.execute(nobodys.limit(limit)).scalars())


def ended_in_fact(connection: Connection, limit: int) -> list[Ended]:
    """Return live assignments whose lead is open no more, or whose rep has left."""
    gone = ~_IS_OPEN
    query = (
        sa.select(ASSIGNMENTS.c.id, ASSIGNMENTS.c.lead, gone.label("is_gone"))
        .join(LEADS, LEADS.c.number == ASSIGNMENTS.c.lead)
        .outerjoin(REPS, REPS.c.id == ASSIGNMENTS.c.rep)
        .where(ASSIGNMENTS.c.ended_at.is_(None), gone | (REPS.c.status == "left"))
        .order_by(ASSIGNMENTS.c.assigned_at, ASSIGNMENTS.c.id)
        .limit(limit)
    )
    return [Ended(row.id, row.lead, bool(row.is_gone)) for row in connection.execute(query)]
