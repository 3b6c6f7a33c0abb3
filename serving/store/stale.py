"""Leads whose score is to be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.dialects import insert_into
from serving.store.schema import STALE_LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

URGENT, RESCORE, AGED = 0, 1, 2
"""Something came in; another model or policy; time has passed."""


def mark_stale(connection: Connection, numbers: Iterable[int], now: int, urgency: int = URGENT) -> None:
    """Ask for new scores of leads. One that waits already keeps its place, or gets a more urgent one."""
    rows = [{"lead": number, "urgency": urgency, "since": now, "mark": 1} for number in sorted(set(numbers))]
    if not rows:
        return
    asked = insert_into(connection, STALE_LEADS)
    held, new = STALE_LEADS.c.urgency, asked.excluded.urgency
    more_urgent = {"mark": STALE_LEADS.c.mark + 1, "urgency": sa.case((new < held, new), else_=held)}
    connection.execute(asked.on_conflict_do_update(index_elements=["lead"], set_=more_urgent), rows)
