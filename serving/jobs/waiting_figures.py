"""What waits in the store, as the metrics say it: asked for now and then, and never waited for long."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.jobs.waiting import what_waits
from serving.store.reach import StoreBusyError
from serving.telemetry.definitions import (
    OLDEST_STALE,
    STALE,
    STORE_UP,
    UNSEALED,
    WAITING_JOBS,
    WORKERS_ALIVE,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.jobs.waiting import Waiting
    from serving.store.database import Store
    from serving.telemetry.tally import Tally

FRESH_SECONDS = 5.0
"""So long what the store said is repeated, and a store that did not answer is left alone."""

PATIENCE_SECONDS = 1.0
"""So long a store may keep somebody waiting who asks for the metrics. Its answer serves the next one."""


class WaitingFigures:
    """Asks the store in a thread, one at a time. Any number of threads may ask it."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None
        self._answered_at = -FRESH_SECONDS
        self._waiting: Waiting | None = None

    def say(self, tally: Tally) -> None:
        """Say what waits; of a store that is away that it is."""
        waiting = self._newest()
        tally.say(STORE_UP, (), float(waiting is not None))
        if waiting is None:
            return
        since = waiting.oldest_stale_at
        oldest = 0.0 if since is None else max(0, self._clock() - since) / 1_000_000
        tally.say(STALE, (), waiting.stale_leads)
        tally.say(OLDEST_STALE, (), oldest)
        tally.say(UNSEALED, (), waiting.unsealed_records)
        tally.say(WAITING_JOBS, (), waiting.score_jobs)
        tally.say(WORKERS_ALIVE, (), waiting.workers.alive)

    def _newest(self) -> Waiting | None:
        with self._lock:
            asking = self._asking
            is_over = asking is None or not asking.is_alive()
            if is_over and time.monotonic() - self._answered_at >= FRESH_SECONDS:
                asking = self._asking = threading.Thread(target=self._ask, name="what waits", daemon=True)
                asking.start()
        if asking is None:
            return self._waiting
        asking.join(PATIENCE_SECONDS)
        return None if asking.is_alive() else self._waiting

    def _ask(self) -> None:
        try:
            self._waiting = what_waits(self._store, self._clock())
        except (sa.exc.SQLAlchemyError, StoreBusyError):
            self._waiting = None
        self._answered_at = time.monotonic()
