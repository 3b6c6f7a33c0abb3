"""Leads whose score is to be made again: who marks them, who takes them, and when they are done.

A mark is made in the transaction that changed what the score depends on. Whoever scores a lead takes it by
a claim that runs out, and settles the claim afterwards. A lead that was marked again meanwhile stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from serving.store.schema import STALE_LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

URGENT, RESCORE, AGED = 0, 1, 2
"""Something came in; another model or policy gave the score; time has passed."""


def mark_stale(connection: Connection, numbers: Iterable[int], now: int, urgency: int = URGENT) -> None:
    """Ask for new scores of leads. Each stands here once, however often it is asked for.

    `since` tells how long the most urgent asking waits. A lead that was put off because it could not be
    scored is free again: what came in may have mended it.
    """
    rows = [
        {"lead": number, "urgency": urgency, "since": now, "mark": 1}
        for number in sorted(
            set(numbers)
        )  # all in one order, so that two writers do not wait for one another
    ]
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(STALE_LEADS)
    old, new = STALE_LEADS.c, insert.excluded
    more_urgent = new.urgency < old.urgency
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["lead"],
            set_={
                "mark": old.mark + 1,
                "urgency": sa.case((more_urgent, new.urgency), else_=old.urgency),
                "since": sa.case((more_urgent, new.since), else_=old.since),
                "claimed_until": sa.case((old.claimed_by.is_(None), sa.null()), else_=old.claimed_until),
            },
        ),
        rows,
    )
