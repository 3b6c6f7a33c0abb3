"""Fires the timers of assignments: reminders, escalations, reassignments, ends."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serving.places import place_of
from serving.selling.clocks.firing import fire_due
from serving.selling.clocks.live_timers import settle_next
from serving.selling.clocks.timers import leads_with_due_timers
from serving.store.database import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from decisions.clocks.policy import ClockRules
    from serving.selling.clocks.firing import Acts
    from serving.store.database import Store

LIMIT_LEADS = 100
SETTLED_AT_ONCE = 200
PUT_OFF_US = 60_000_000
"""A lead whose timers could not be fired is left alone for so long; those of others go on."""

LONGEST_REST_SECONDS = 0.05
"""SQLite hands its lock to whoever asks in the right moment, not to whoever waits. So after each transaction
that fired timers there is a rest as long as it took, and at most so long: else a backlog would keep those who
answer requests waiting for seconds."""

_log = logging.getLogger("leadlens.worker")


@dataclass(slots=True)
class Clocks:
    """Fires what is due, a transaction a lead, those first that were due first.

    `rules` gives the clocks of the policy in force. When the worker starts, and whenever they are others than
    before, the timers of all running assignments are settled, some at a time: so what was published holds for
    leads that are with a rep already. Several workers may do this at once: see `fire_due`.
    """

    store: Store
    rules: Callable[[], ClockRules]
    acts: Acts
    name: str = "clocks"
    _settled_for: ClockRules | None = None
    _settle_after: str | None = ""
    _put_off: dict[int, int] = field(default_factory=dict)

    def step(self, now: int) -> bool:
        """Fire what is due by `now`, and return whether there was anything to do."""
        rules = self.rules()
        settled = self._settled(rules, now)
        self._put_off = {
            lead: until for lead, until in self._put_off.items() if now < until <= now + PUT_OFF_US
        }
        with self.store.reading() as connection:
            leads = leads_with_due_timers(connection, now, LIMIT_LEADS, frozenset(self._put_off))
        fired = [self._fired(lead, rules, now) for lead in leads]
        return settled or any(fired)

    def _settled(self, rules: ClockRules, now: int) -> bool:
        if rules != self._settled_for:
            self._settled_for, self._settle_after = rules, ""
        if self._settle_after is None:
            return False
        after = self._settle_after

        def settle(connection: Connection) -> str | None:
            return settle_next(connection, rules, after, SETTLED_AT_ONCE, now)

        self._settle_after = self.store.write(settle)
        return True

    def _fired(self, lead: int, rules: ClockRules, now: int) -> bool:
        began = time.monotonic()
        try:
            fired = self.store.write(lambda connection: fire_due(connection, lead, rules, self.acts, now))
        except StoreBusyError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever one lead's timers cause, the others are fired
            _log.error("timers of a lead: %s at %s", type(problem).__name__, place_of(problem))
            fired = 0
        if self.store.is_sqlite:
            time.sleep(min(time.monotonic() - began, LONGEST_REST_SECONDS))
        if fired == 0:
            self._put_off[lead] = now + PUT_OFF_US
        return bool(fired)
