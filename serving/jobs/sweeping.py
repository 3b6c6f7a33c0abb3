"""Marks the leads whose scores are by another model or policy, or too old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.store.sweep import sweep

if TYPE_CHECKING:
    from serving.scoring.champion import Champion
    from serving.store.database import Store

LIMIT_LEADS = 5_000
PAUSE_US = 5_000_000
HOUR_US = 3_600_000_000


@dataclass(slots=True)
class Sweeping:
    """Sweeps every few seconds, and at once after a promotion. Without a champion nothing is marked."""

    store: Store
    champion: Champion
    rescore_after_hours: float
    name: str = "sweep"
    _swept_for: str | None = None
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Mark some leads, if it is time, and return whether there were any."""
        answerer = self.champion.answerer()
        if answerer is None:
            return False
        current = answerer.scored_by
        if current == self._swept_for and now < self._next_at <= now + PAUSE_US:
            return False
        older_than_us = int(self.rescore_after_hours * HOUR_US)
        marked = sweep(self.store, now, current, older_than_us, LIMIT_LEADS)
        self._swept_for = current
        self._next_at = now + PAUSE_US
        return marked > 0
