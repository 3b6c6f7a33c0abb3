"""Says every few seconds that the worker is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.jobs.workers import note_worker

if TYPE_CHECKING:
    from serving.store.database import Store

PAUSE_US = 5_000_000


@dataclass(slots=True)
class Heartbeat:
    """Notes the worker `who` (at most 40 characters) in the store, in the round of its other jobs.

    So a worker that hangs in one of them is missed like one that is dead.
    """

    store: Store
    who: str
    name: str = "heartbeat"
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Say it, if it is time. It is never work that keeps the worker from its pause."""
        if not now < self._next_at <= now + PAUSE_US:
            self.store.write(lambda connection: note_worker(connection, self.who, now))
            self._next_at = now + PAUSE_US
        return False
