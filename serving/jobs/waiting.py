"""What waits in the store for a worker, and whether there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.jobs.workers import workers_seen
from serving.store.schema import LEDGER_UNSEALED, SCORE_JOBS, STALE_LEADS

if TYPE_CHECKING:
    from serving.jobs.workers import WorkersSeen
    from serving.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits. `oldest_stale_at` is when the lead that waits longest was marked."""

    stale_leads: int
    oldest_stale_at: int | None
    unsealed_records: int
    score_jobs: int
    workers: WorkersSeen


def what_waits(store: Store, now: int) -> Waiting:
    """Count what waits at `now` (microseconds UTC). Raises StoreBusyError or a DBAPIError of SQLAlchemy."""
    count = sa.func.count()
    with store.reading() as connection:
        stale, oldest = connection.execute(sa.select(count, sa.func.min(STALE_LEADS.c.since))).one()
        jobs = sa.select(count).select_from(SCORE_JOBS).where(SCORE_JOBS.c.state == "waiting")
        return Waiting(
            stale_leads=stale,
            oldest_stale_at=oldest,
            unsealed_records=connection.execute(sa.select(count).select_from(LEDGER_UNSEALED)).scalar_one(),
            score_jobs=connection.execute(jobs).scalar_one(),
            workers=workers_seen(connection, now),
        )
