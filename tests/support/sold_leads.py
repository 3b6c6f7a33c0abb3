"""Leads that go to sales, and reps who may have them, put into a store by a test."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from decisions.policy import Policy
from decisions.routing.policy import QueueRules, Routing
from serving.selling.giving.reps import put_rep
from serving.store.database import Store
from serving.store.schema import CONTACTS, LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

NOW = 1_790_000_000_000_000
"""A Monday: 2026-09-21, 14:13 UTC."""

T = TypeVar("T")


def policy(routing: Routing | None = None, **rules: Any) -> Policy:
    """The default policy with this routing, or with these rules of the queue sales."""
    return Policy(routing=routing or Routing(queues={"sales": QueueRules(**rules)}))


def keep_reps(store: Store, **reps: Mapping[str, Any]) -> None:
    """Put reps into a store, each a member of the queue sales unless something else is said."""

    def put(connection: sa.Connection) -> None:
        for rep_id, said in reps.items():
            content = {"queues": {"sales": 1}, **said}
            status = str(content.pop("status", "active"))
            put_rep(connection, rep_id, rep_id.capitalize(), status, content, NOW)

    store.write(put)


def keep_leads_for_sales(store: Store, count: int, first: int = 1, **state: Any) -> list[int]:
    """Put open leads L-1 … into a store, decided to go to the queue sales; return their numbers."""
    numbers = list(range(first, first + count))
    leads = [
        {"number": n, "lead_id": f"L-{n}", "arrived_at": NOW, "updated_at": NOW, "cells": {}} for n in numbers
    ]
    told = {
        "decision_id": "d",
        "decided_at": NOW,
        "decided_as": "d",
        "policy_sha256": "0" * 64,
        "action": "route",
        "stage": "SQL",
        "temperature": "warm",
        "queue": "sales",
        "rule": "routes.sales",
        "segments": {},
        "attributes": {},
        **state,
    }

    def put(connection: sa.Connection) -> None:
        connection.execute(LEADS.insert(), leads)
        connection.execute(LEAD_STATES.insert(), [told | {"lead": n} for n in numbers])

    store.write(put)
    return numbers


def share_an_address(store: Store, *numbers: int) -> None:
    """Let leads be reached by one address."""
    rows = [{"lead": n, "kind": "email", "value": "ada@acme.example"} for n in numbers]
    store.write(lambda connection: connection.execute(CONTACTS.insert(), rows) and None)


def write(store: Store, work: Callable[..., T], *given: Any, **named: Any) -> T:
    """Do something in a transaction of its own."""
    return store.write(lambda connection: work(connection, *given, **named))


def assignments_of(store: Store, number: int) -> list[tuple[str | None, str]]:
    """Return who had and has a lead, and how that stands, the oldest first."""
    with store.reading() as connection:
        query = ASSIGNMENTS.select().where(ASSIGNMENTS.c.lead == number)
        rows = connection.execute(query.order_by(ASSIGNMENTS.c.assigned_at, ASSIGNMENTS.c.ended_at.is_(None)))
        return [(row.rep, row.state) for row in rows]


def owner_of(store: Store, number: int) -> str | None:
    """Return the owner that the lead's state names."""
    with store.reading() as connection:
        query = sa.select(LEAD_STATES.c.owner).where(LEAD_STATES.c.lead == number)
        return connection.execute(query).scalar_one()
