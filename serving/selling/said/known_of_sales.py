"""What the store knows of the sales team, as far as simulations ask: reps, and how soon they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from decisions.simulation import Sales
from decisions.simulation.assigning import Assigning
from decisions.simulation.responses import demanded
from serving.selling.giving.reps import reps_of
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from decisions.policy import Policy
    from decisions.routing.rep import Rep
    from decisions.simulation.loads import Assign


def known_of_sales(connection: Connection) -> Sales:
    """Return the reps as they are now, and recorded responses; without reps nobody is assigned."""
    reps = reps_of(connection)
    return Sales(
        assigning=_assigning(reps) if reps else None,
        recorded=recorded_responses(connection),
        allowed=demanded,
    )


def _assigning(reps: dict[str, Rep]) -> Callable[[Policy], Assign]:
    def begin(policy: Policy) -> Assign:
        return Assigning(policy, reps).give

    return begin


def recorded_responses(connection: Connection) -> dict[str, int]:
    """Return by lead id how long it took from the first assignment to a rep to the contact, in microseconds.

    A lead that nobody has contacted yet is not named.
    """
    asked = (
        sa.select(LEADS.c.lead_id, ASSIGNMENTS.c.assigned_at, ASSIGNMENTS.c.contacted_at)
        .join(LEADS, LEADS.c.number == ASSIGNMENTS.c.lead)
        .where(ASSIGNMENTS.c.rep.is_not(None))
        .order_by(ASSIGNMENTS.c.lead, ASSIGNMENTS.c.assigned_at)
    )
    began: dict[str, int] = {}
    found: dict[str, int] = {}
    for row in connection.execute(asked):
        began.setdefault(row.lead_id, row.assigned_at)
        if row.contacted_at is not None and row.lead_id not in found:
            found[row.lead_id] = row.contacted_at - began[row.lead_id]
    return found
