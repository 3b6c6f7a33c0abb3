"""Moves what was committed from SQLite's log into its file, so that no request has to.

SQLite leaves it to whoever commits when the log has grown, and with a large store that takes a tenth of a
second. The worker is there first; where none runs, a request does it again, once the log has
`database.AUTOCHECKPOINT_PAGES`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.store.database import Store

PAUSE_US = 1_000_000


@dataclass(slots=True)
class Checkpointing:
    """Keeps SQLite's log short. It waits for nobody, and nobody for it; PostgreSQL does it itself."""

    store: Store
    name: str = "checkpointing"
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Move it, if it is time. It is never work that keeps the worker from its pause."""
        if self.store.is_sqlite and not now < self._next_at <= now + PAUSE_US:
            with closing(self.store.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._next_at = now + PAUSE_US
        return False
