"""Assigning for tests: leads go from rep to rep in a row, and back to their queue."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from decisions.clocks.policy import ClockRules, FollowUp, Sla
from serving.selling.clocks.firing import Acts
from serving.selling.clocks.timers import settle_timers
from serving.store.database import Store
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, REPS

RULES = ClockRules(
    sla={
        "all": Sla(
            acknowledge="5 minutes",
            warn_before="2 minutes",
            escalate_after="10 minutes",
            reassign_after="20 minutes",
            hops=2,
            first_contact="1 hour",
            accept="8 hours",
        )
    },
    follow_up={"SQL": FollowUp(attempts=("1 day", "3 days"), end_after="7 days")},
)


@dataclass(frozen=True, slots=True)
class FakeAssigning:
    """Does what timers ask for, in the transaction it is given, as the real one does."""

    clocks: ClockRules
    reps: tuple[str, ...] = ("ann", "bob", "cem")

    @property
    def acts(self) -> Acts:
        return Acts(reassign=self.reassign, give_back=self.give_back, end_stage=self.end_stage)

    def assign(
        self, connection: sa.Connection, assignment_id: str, lead: int, now: int, **values: Any
    ) -> None:
        """Give a lead to a rep, with its timers."""
        row = {
            "id": assignment_id,
            "lead": lead,
            "rep": self.reps[0],
            "queue": "sales",
            "state": "offered",
            "stage": "SQL",
            "temperature": "hot",
            "segments": {},
            "hops": 0,
            "assigned_at": now,
            "by": "policy",
            "trace": {},
        }
        connection.execute(ASSIGNMENTS.insert().values(row | values))
        settle_timers(connection, [assignment_id], self.clocks, now)

    def reassign(self, connection: sa.Connection, assignment_id: str, now: int, why: str) -> None:
        row = self._ended(connection, assignment_id, "reassigned", now, why)
        following = self.reps[(self.reps.index(row["rep"]) + 1) % len(self.reps)]
        following_id = f"{assignment_id}+"
        row |= {"id": following_id, "rep": following, "hops": row["hops"] + 1, "state": "offered"}
        connection.execute(ASSIGNMENTS.insert().values(row | {"assigned_at": now}))
        settle_timers(connection, [assignment_id, following_id], self.clocks, now)

    def give_back(self, connection: sa.Connection, assignment_id: str, now: int, why: str) -> None:
        row = self._ended(connection, assignment_id, "returned", now, why)
        row |= {"id": f"{assignment_id}-", "rep": None, "state": "waiting", "assigned_at": now}
        connection.execute(ASSIGNMENTS.insert().values(row))
        settle_timers(connection, [assignment_id, f"{assignment_id}-"], self.clocks, now)

    def end_stage(
        self, connection: sa.Connection, assignment_id: str, now: int, why: str, *, stage: str
    ) -> None:
        row = self._ended(connection, assignment_id, "closed", now, why)
        state = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == row["lead"])
        connection.execute(state.values(stage=stage, stage_since=now))
        settle_timers(connection, [assignment_id], self.clocks, now)

    def _ended(
        self, connection: sa.Connection, assignment_id: str, state: str, now: int, why: str
    ) -> dict[str, Any]:
        row = (
            connection.execute(ASSIGNMENTS.select().where(ASSIGNMENTS.c.id == assignment_id)).mappings().one()
        )
        ended = sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == assignment_id)
        connection.execute(ended.values(state=state, ended_at=now, reason=why))
        return dict(row)


def keep_open_leads(store: Store, count: int, now: int = 1) -> list[int]:
    """Put open leads L-1 … into a store; return their numbers."""
    rows = [
        {"number": n, "lead_id": f"L-{n}", "arrived_at": now, "updated_at": now, "cells": {}}
        for n in range(1, count + 1)
    ]
    store.write(lambda connection: connection.execute(LEADS.insert(), rows) and None)
    return list(range(1, count + 1))


def keep_rep(store: Store, rep: str, **content: Any) -> None:
    """Put a rep into a store."""
    row = {"id": rep, "name": rep.title(), "status": "active", "content": content, "updated_at": 1}
    store.write(lambda connection: connection.execute(REPS.insert().values(row)) and None)
