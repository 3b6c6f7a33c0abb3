"""How a lead leaves its rep: back to its queue, or out of its stage."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.selling.timers import cancel_timers
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, STAGES_PASSED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


def give_back(connection: Connection, assignment_id: str, now: int, why: str) -> str:
    """Let a lead wait in its queue again, and return the id of the assignment that waits.

    The lead is to be locked. Its hops are kept: they count from its first rep.
    """
    row = _ended(connection, assignment_id, "returned", now, why)
    waiting = secrets.token_hex(16)
    kept = ("lead", "queue", "stage", "temperature", "segments", "hops", "trace", "decision_id")
    values: dict[str, Any] = {name: getattr(row, name) for name in kept}
    values |= {
        "id": waiting,
        "rep": None,
        "state": "waiting",
        "assigned_at": now,
        "by": "timer",
        "reason": why,
    }
    connection.execute(ASSIGNMENTS.insert().values(values))
    return waiting


def end_stage(connection: Connection, assignment_id: str, now: int, why: str, *, stage: str) -> None:
    """Take a lead out of its stage into another, which nobody has to work on. The lead is to be locked."""
    row = _ended(connection, assignment_id, "closed", now, why)
    passed = sa.update(STAGES_PASSED).where(
        STAGES_PASSED.c.lead == row.lead, STAGES_PASSED.c.left_at.is_(None)
    )
    connection.execute(passed.values(left_at=now))
    entered = {"lead": row.lead, "stage": stage, "entered_at": now, "because": why, "by": "policy"}
    connection.execute(STAGES_PASSED.insert().values(entered))
    state = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == row.lead)
    connection.execute(state.values(stage=stage, substage=None, stage_since=now))


def _ended(connection: Connection, assignment_id: str, state: str, now: int, why: str) -> Row[Any]:
    """End an assignment, and return it as it was."""
    this = ASSIGNMENTS.c.id == assignment_id
    row = connection.execute(ASSIGNMENTS.select().where(this)).one()
    connection.execute(sa.update(ASSIGNMENTS).where(this).values(state=state, ended_at=now, reason=why))
    owned = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == row.lead)
    connection.execute(owned.values(owner=None))
    cancel_timers(connection, assignment_id, now)
    return row
