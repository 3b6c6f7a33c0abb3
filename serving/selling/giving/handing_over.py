"""Leads that decisions send to sales, handed over; and those that are for sales no longer, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.selling.clocks.timers import settle_timers_of_leads
from serving.selling.giving.assigning import NotForSalesError, assign, withdraw
from serving.selling.giving.assignments import NotOpenError
from serving.store.schema_selling import REPS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from decisions.policy import Policy
    from serving.selling.standing.deciding import KeptDecisions

NO_LONGER = "It is not for sales any more."


def hand_over(connection: Connection, kept: KeptDecisions, policy: Policy, now: int) -> int:
    """Give leads to reps, in the transaction that kept the decisions; return how many have a rep by it.

    Where the store knows no reps, sales works elsewhere: then nobody is given anything, and the queue that
    is decided is all that is said. What is due in a stage begins with the stage. The caller holds the leads.
    """
    for number in kept.withdrawn:
        withdraw(connection, number, policy, now, NO_LONGER)
    settle_timers_of_leads(connection, kept.moved, policy.clocks, now)
    if not kept.routed or not has_reps(connection):
        return 0
    return sum(give(connection, number, policy, now) for number in kept.routed)


def give(connection: Connection, number: int, policy: Policy, now: int) -> bool:
    """Give a lead to a rep, or let it wait in its queue; return whether it has a rep by it."""
    try:
        return assign(connection, number, policy, now).rep is not None
    except (NotOpenError, NotForSalesError):
        return False  # it ended, or was decided otherwise, since


def has_reps(connection: Connection) -> bool:
    """Whether there is anybody to whom leads can be given."""
    anybody = sa.select(REPS.c.id).where(REPS.c.status != "left").limit(1)
    return connection.execute(anybody).first() is not None
