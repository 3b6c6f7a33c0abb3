"""Gives leads that wait to reps as soon as somebody can take them; ends assignments that hold no longer."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from serving.places import place_of
from serving.selling.giving.assigning import NotForSalesError, assign, reassign, withdraw
from serving.selling.giving.assignments import NotOpenError
from serving.selling.giving.handing_over import has_reps
from serving.selling.giving.waiting import ended_in_fact, leads_of_nobody, waiting_leads
from serving.store.database import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from decisions.policy import Policy
    from serving.selling.giving.waiting import Ended
    from serving.store.database import Store

LIMIT_LEADS = 50
PUT_OFF_US = 60_000_000
"""A lead that nobody could take is tried again after so long; others come before it meanwhile."""

MOST_PUT_OFF = 1_000
"""While so many are put off, none but them waits that could be tried."""

LOOK_US = 10_000_000
"""So often it is looked for assignments that hold no longer, and for leads that nobody has."""

GONE = "The lead is open no more."
LEFT = "The rep has left."

_log = logging.getLogger("leadlens.worker")


@dataclass(slots=True)
class Assigning:
    """Assigns leads that wait, a transaction each, those first that are served first: A1, hot, by score.

    Where the store knows no reps nobody is assigned. `policy` gives the policy in force. Several workers may
    do this at once: see `assign`.
    """

    store: Store
    policy: Callable[[], Policy]
    name: str = "assigning"
    _put_off: dict[int, int] = field(default_factory=dict)
    _looked_at: int | None = None

    def step(self, now: int) -> bool:
        """Do one short round at `now` (microseconds UTC), and return whether anything changed."""
        policy = self.policy()
        self._put_off = {
            lead: until for lead, until in self._put_off.items() if now < until <= now + PUT_OFF_US
        }
        ended, leads = self._looked_for(policy, now)
        if len(self._put_off) < MOST_PUT_OFF:
            claimed = sorted(name for name, rules in policy.routing.queues.items() if rules.claim)
            with self.store.reading() as connection:
                leads += waiting_leads(connection, claimed, LIMIT_LEADS, frozenset(self._put_off))
        changed = [self._assigned(lead, policy, now) for lead in dict.fromkeys(leads)]
        return any(changed) or ended

    def _assigned(self, lead: int, policy: Policy, now: int) -> bool:
        try:
            made = self.store.write(lambda connection: assign(connection, lead, policy, now))
        except (NotOpenError, NotForSalesError):
            return False  # it was decided otherwise meanwhile
        except StoreBusyError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever one lead causes, the others are assigned
            _log.error("assigning a lead: %s at %s", type(problem).__name__, place_of(problem))
            self._put_off[lead] = now + PUT_OFF_US
            return False
        if made.rep is None:
            self._put_off[lead] = now + PUT_OFF_US
        return made.is_new

    def _looked_for(self, policy: Policy, now: int) -> tuple[bool, list[int]]:
        """End what holds no longer, and return whether there was any, and leads that nobody has."""
        if self._looked_at is not None and 0 <= now - self._looked_at < LOOK_US:
            return False, []
        with self.store.reading() as connection:
            found = ended_in_fact(connection, LIMIT_LEADS)
            nobodys = leads_of_nobody(connection, LIMIT_LEADS) if has_reps(connection) else []
        for one in found:
            self.store.write(partial(_ended, one=one, policy=policy, now=now))
        self._looked_at = None if LIMIT_LEADS in {len(found), len(nobodys)} else now
        return bool(found), nobodys


def _ended(connection: Connection, one: Ended, policy: Policy, now: int) -> None:
    if one.is_gone:
        withdraw(connection, one.lead, policy, now, GONE)
    else:
        reassign(connection, one.id, policy, now, LEFT)
