"""Finding the leads whose score is out of date though nothing came in: by an older model, or too long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.stale import AGED, RESCORE, mark_stale
from serving.store.schema import LEADS, STALE_LEADS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.store.database import Store

OPEN = sa.and_(
    LEADS.c.standing == sa.literal_column("'open'"),  # not as a parameter: the indexes hold these leads alone
    LEADS.c.arrived_at.is_not(None),
    LEADS.c.deleted_at.is_(None),
    LEADS.c.merged_into.is_(None),
)
"""What is true of the leads that are scored."""


def sweep(store: Store, now: int, current: str, older_than_us: int, limit: int) -> int:
    """Mark open leads to be scored again; return how many.

    Marked are those that `current`, the model and policy in force, has not scored (RESCORE), and those
    whose score was made longer than `older_than_us` ago (AGED). No more than `limit` that were marked so
    wait at a time, so that a sweep takes as long with a million leads as with a thousand: call it again
    when they are scored. Leads that are marked already are left as they are.
    """
    with store.reading() as connection:
        room = limit - _waiting(connection, limit)
        another = _another_scorer(connection, current, room)
        aged = _aged(connection, now - older_than_us, room - len(another))
    if not another and not aged:
        return 0

    def mark(connection: Connection) -> None:
        mark_stale(connection, another, now, RESCORE)
        mark_stale(connection, [number for number in aged if number not in another], now, AGED)

    store.write(mark)
    return len(another | aged)


def _waiting(connection: Connection, most: int) -> int:
    """Count the leads that were swept and wait, up to `most`."""
    swept = sa.select(STALE_LEADS.c.lead).where(STALE_LEADS.c.urgency >= RESCORE).limit(most).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(swept)).scalar_one()


def _another_scorer(connection: Connection, current: str, limit: int) -> set[int]:
    by = LEADS.c.scored_by
    found: set[int] = set()
    for other in (by.is_(None), by < current, by > current):  # three ranges of one index
        found |= _unmarked(connection, other, limit - len(found))
    return found


def _aged(connection: Connection, before: int, limit: int) -> set[int]:
    return _unmarked(connection, LEADS.c.scored_at < before, limit, LEADS.c.scored_at)


def _unmarked(
    connection: Connection,
    condition: sa.ColumnElement[bool],
    limit: int,
    *order: sa.ColumnElement[int | None],
) -> set[int]:
    if limit <= 0:
        return set()
    marked = sa.exists().where(STALE_LEADS.c.lead == LEADS.c.number)
    found = sa.select(LEADS.c.number).where(OPEN, condition, ~marked).order_by(*order).limit(limit)
    return set(connection.execute(found).scalars())
