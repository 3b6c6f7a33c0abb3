"""How soon each lead was contacted after it was first given to a rep, as it was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
