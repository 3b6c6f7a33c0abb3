"""Gives leads that wait for a rep to whoever has come to work, or has room again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from serving.selling.handing_over import give, has_reps
from serving.selling.waiting_leads import waiting_leads

if TYPE_CHECKING:
    from collections.abc import Callable

    from decisions.policy import Policy
    from serving.store.database import Store

LEADS_AT_ONCE = 100
LOOK_US = 20_000_000
"""So long after leads were left waiting they are looked at again: by then somebody may be at work."""


@dataclass(slots=True)
class Assigning:
    """Routes leads without a rep again, the first to be served first, a transaction each.

    Where the store knows no reps there is nothing to do. `policy` gives the one in force.
    """

    store: Store
    policy: Callable[[], Policy]
    name: str = "assigning"
    _look_at: int = 0

    def step(self, now: int) -> bool:
        """Give some leads to reps, and return whether any was given."""
        if now < self._look_at <= now + LOOK_US:  # or the clock was set back
            return False
        policy = self.policy()
        claimed_from = [name for name, rules in policy.routing.queues.items() if rules.claim]
        with self.store.reading() as connection:
            waiting = waiting_leads(connection, claimed_from, LEADS_AT_ONCE) if has_reps(connection) else []
        given = sum(self.store.write(partial(give, number=lead, policy=policy, now=now)) for lead in waiting)
        if given == 0:
            self._look_at = now + LOOK_US
        return given > 0
