"""Has leads decided on again when a date has come, and on which nothing is decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.selling.standing.due_decisions import mark_due_decisions, mark_undecided

if TYPE_CHECKING:
    from collections.abc import Callable

    from decisions.policy import Policy
    from serving.store.database import Store

LIMIT_LEADS = 5_000
PAUSE_US = 5_000_000
ROUND_US = 300_000_000
"""So long after all leads were looked at whether anything is decided of them they are looked at again."""


@dataclass(slots=True)
class Deciding:
    """Marks what is due every few seconds; whoever scores what is stale decides on it.

    `policy` gives the one in force. Leads without a decision are looked for in walks along all leads, some at
    a time: one when the worker starts, then one every few minutes.
    """

    store: Store
    policy: Callable[[], Policy]
    name: str = "decisions due"
    _next_at: int = 0
    _walked_to: int | None = 0
    _walk_at: int = 0

    def step(self, now: int) -> bool:
        """Mark some leads, if it is time, and return whether there were any, or there may be more."""
        walks = self._walk(now)
        if now < self._next_at <= now + PAUSE_US:
            return walks
        due = mark_due_decisions(self.store, now, self.policy().handoff, LIMIT_LEADS)
        if due < LIMIT_LEADS:
            self._next_at = now + PAUSE_US
        return walks or due > 0

    def _walk(self, now: int) -> bool:
        if self._walked_to is None and not now < self._walk_at <= now + ROUND_US:
            self._walked_to = 0
        if self._walked_to is None:
            return False
        walked = mark_undecided(self.store, self._walked_to, LIMIT_LEADS, now)
        self._walked_to = walked.to
        if walked.to is None:
            self._walk_at = now + ROUND_US
        return walked.marked > 0 or walked.to is not None
