"""Erases, once an hour, what is kept no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.jobs.retention import enforce

if TYPE_CHECKING:
    from serving.settings import Settings
    from serving.store.database import Store

HOUR_US = 3_600_000_000


@dataclass(slots=True)
class Retaining:
    """Keeps the store to the settings' times, first when the worker starts; a part at a time."""

    store: Store
    settings: Settings
    name: str = "retention"
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Erase one part, if it is time, and return whether there may be more."""
        if now < self._next_at <= now + HOUR_US:
            return False
        erased = self.store.write(lambda connection: enforce(connection, now, self.settings))
        if not erased.is_more:
            self._next_at = now + HOUR_US
        return erased.is_more
