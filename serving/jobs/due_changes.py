"""Changes of a lead's columns that lay ahead when they came, and are due now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.identity import IS_SHOWN
from serving.history.stale import URGENT, mark_stale
from serving.importing.overlay import overlay
from serving.store.schema import LEADS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from features.cells import CellRules
    from serving.store.database import Store


def settle_due_changes(store: Store, now: int, rules: CellRules, limit: int) -> int:
    """Let what is due by `now` stand with its leads, and mark them to be scored again; return how many.

    At most `limit` leads are taken, those first for which it was due first; `rules` say how cells are read.
    """
    waits = sa.select(LEADS.c.number).where(LEADS.c.next_change_at <= now, IS_SHOWN)
    with store.reading() as connection:
        found = waits.order_by(LEADS.c.next_change_at).limit(limit)
        numbers = list(connection.execute(found).scalars())

    def settled(connection: Connection) -> None:
        overlay(connection, numbers, rules, now)
        mark_stale(connection, numbers, now, URGENT)

    if numbers:
        store.write(settled)
    return len(numbers)
