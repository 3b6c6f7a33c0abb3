"""Which workers are there: each says so every few seconds, so that a dead one is missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.dialects import insert_into
from serving.store.schema import WORKERS

if TYPE_CHECKING:
    from sqlalchemy import Connection

SECOND_US = 1_000_000
ALIVE_US = 30 * SECOND_US
"""A worker that was seen within this time counts as alive."""

LONG_GONE_US = 24 * 3_600 * SECOND_US
"""A worker that was not seen for so long is forgotten."""


@dataclass(frozen=True, slots=True)
class WorkersSeen:
    """How many workers are alive, and when the newest sign of any came; None where there was none."""

    alive: int
    newest_at: int | None


def note_worker(connection: Connection, name: str, now: int) -> None:
    """Say that a worker is there at `now` (microseconds UTC), and forget those that are long gone."""
    insert = insert_into(connection, WORKERS).values(name=name, seen_at=now)
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))
    connection.execute(sa.delete(WORKERS).where(WORKERS.c.seen_at < now - LONG_GONE_US))


def forget_worker(connection: Connection, name: str) -> None:
    """Say that a worker has ended."""
    connection.execute(sa.delete(WORKERS).where(WORKERS.c.name == name))


def workers_seen(connection: Connection, now: int) -> WorkersSeen:
    """Return how many workers are alive at `now`, and when one was seen last."""
    count, newest = connection.execute(
        sa.select(sa.func.count().filter(WORKERS.c.seen_at >= now - ALIVE_US), sa.func.max(WORKERS.c.seen_at))
    ).one()
    return WorkersSeen(count, newest)
