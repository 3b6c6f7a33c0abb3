"""Marks leads whose scores are by another model or policy, or too old, or before something fell due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.cells import cell_rules
from features.lead_standing import raw_touches
from features.vocabulary import TOUCH_TYPES
from serving.jobs.due import mark_due
from serving.jobs.due_changes import settle_due_changes
from serving.jobs.sweep import sweep

if TYPE_CHECKING:
    from serving.scoring.answers import Answerer
    from serving.scoring.champion import Champion
    from serving.store.database import Store

LIMIT_LEADS = 5_000
PAUSE_US = 5_000_000
HOUR_US = 3_600_000_000

LOOK_BACK_US = 900_000_000
"""What fell due within this time is looked for again: it may have been written later than its own moment."""


@dataclass(slots=True)
class Sweeping:
    """Sweeps every few seconds, and at once after a promotion.

    What falls due is settled without a champion too; scores that are out of date there are none then.
    """

    store: Store
    champion: Champion
    rescore_after_hours: float
    name: str = "sweep"
    _swept_for: str | None = None
    _next_at: int = 0
    _due_since: int = 0

    def step(self, now: int) -> bool:
        """Mark some leads, if it is time, and return whether there were any."""
        answerer = self.champion.answerer()
        current = None if answerer is None else answerer.scored_by
        if current == self._swept_for and now < self._next_at <= now + PAUSE_US:
            return False
        leads = None if answerer is None else answerer.scorer.mapping.leads
        rules = cell_rules() if leads is None else cell_rules(leads.missing, leads.decimal)
        taken = settle_due_changes(self.store, now, rules, LIMIT_LEADS) + self._mark_due(answerer, now)
        if current is not None:
            older_than_us = int(self.rescore_after_hours * HOUR_US)
            taken += sweep(self.store, now, current, older_than_us, LIMIT_LEADS)
        self._swept_for = current
        self._next_at = now + PAUSE_US
        return taken > 0

    def _mark_due(self, answerer: Answerer | None, now: int) -> int:
        since = min(self._due_since, now - LOOK_BACK_US)  # the clock may have been set back
        touches = TOUCH_TYPES if answerer is None else raw_touches(answerer.scorer.mapping.events)
        due = mark_due(self.store, since, now, touches, LIMIT_LEADS)
        if due < LIMIT_LEADS:
            self._due_since = now - LOOK_BACK_US
        return due
