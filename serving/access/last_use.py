"""When each key was last used: noted by requests, written behind their backs."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.database import StoreBusyError
from serving.store.schema import KEYS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.store.database import Store

EVERY_US = 60_000_000
"""A key's last use is written at most once in so many microseconds by each process."""

_log = logging.getLogger("leadlens.service")


class LastUse:
    """Writes `keys.last_used_at` in a thread of its own, so that no request waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: dict[str, int] = {}
        self._writer = ThreadPoolExecutor(1, "leadlens-last-use")
        self._last: Future[None] | None = None

    def note(self, key_id: str, now: int) -> None:
        """Note that a key was used at `now`, microseconds UTC. Costs nothing but once a minute a key."""
        if 0 <= now - self._noted.get(key_id, -EVERY_US) < EVERY_US:
            return
        self._noted[key_id] = now
        self._last = self._writer.submit(self._write, key_id, now)

    def settle(self) -> None:
        """Wait until what was noted is written."""
        if self._last is not None:
            self._last.result()

    def _write(self, key_id: str, now: int) -> None:
        later = sa.or_(KEYS.c.last_used_at.is_(None), KEYS.c.last_used_at < now)
        used = sa.update(KEYS).where(KEYS.c.id == key_id, later).values(last_used_at=now)

        def written(connection: Connection) -> None:
            connection.execute(used)

        try:
            self._store.write(written)
        except (StoreBusyError, sa.exc.DBAPIError) as problem:  # the next use is a new chance
            _log.warning("the last use of key %s was not written: %s", key_id, type(problem).__name__)
