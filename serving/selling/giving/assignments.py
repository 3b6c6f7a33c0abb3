"""Assignments of the store: begun, ended, and never changed otherwise; at most one of a lead is live."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.history.identity import locked
from serving.selling.clocks.timers import settle_timers
from serving.store.dialects import take_turns
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from decisions.policy import Policy
    from decisions.routing.case import TraceStep
    from serving.selling.giving.cases import StateNow

BY_POLICY = "policy"


_LIVE = ASSIGNMENTS.select().where(
    ASSIGNMENTS.c.lead == sa.bindparam("of_lead"), ASSIGNMENTS.c.ended_at.is_(None)
)
_OWNER = sa.bindparam("rep", type_=sa.String)
_LET_OWN = (
    sa.update(LEAD_STATES)
    .where(LEAD_STATES.c.lead == sa.bindparam("of_lead"), LEAD_STATES.c.owner.is_distinct_from(_OWNER))
    .values(owner=_OWNER)
)
_NEW = ASSIGNMENTS.insert()


class NotOpenError(RuntimeError):
    """The lead is not there, or not open: it is won, lost, disqualified or deleted."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """The live assignment of a lead. `rep` is None while it waits in `queue`; `is_new`: it was made now."""

    id: str
    lead: int
    rep: str | None
    queue: str
    state: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What an assignment begins with. `rep` None: the lead waits in `queue`; `accepted`: by the rep, at once.

    `by`: 'policy', or who said so; `reason`: in their words.
    """

    rep: str | None
    queue: str
    by: str
    trace: Sequence[TraceStep]
    reason: str | None = None
    hops: int = 0
    accepted: bool = False


def take_lead(connection: Connection, lead: int) -> Row[Any] | None:
    """Lock an open lead, and return its live assignment. Raises NotOpenError.

    Whoever assigns locks the lead first, and takes `take_reps` then: so nobody waits for one another.
    """
    rows = locked(
        connection, [lead], LEADS.c.number, LEADS.c.arrived_at, LEADS.c.deleted_at, LEADS.c.standing
    )
    row = rows.get(lead)
    if row is None or row.arrived_at is None or row.deleted_at is not None or row.standing != "open":
        raise NotOpenError("the lead is not open")
    return live_of(connection, lead)


def take_reps(connection: Connection) -> None:
    """Wait until nobody else gives leads to reps, and keep others waiting until this transaction ends.

    Loads that are read after it hold until then: nobody is given more than there is room for. Only
    PostgreSQL needs it.
    """
    take_turns(connection, "assigning", ["reps"])


def live_of(connection: Connection, lead: int) -> Row[Any] | None:
    """Return the live assignment of a lead, if it has one."""
    return connection.execute(_LIVE, {"of_lead": lead}).one_or_none()


def begin(
    connection: Connection, lead: int, state: StateNow, new: Beginning, policy: Policy, now: int
) -> Assigned:
    """Begin an assignment, with its timers; the one before is over. Without a rep the lead waits."""
    assignment_id = secrets.token_hex(16)
    stands = "waiting" if new.rep is None else "accepted" if new.accepted else "offered"
    values = {
        "id": assignment_id,
        "lead": lead,
        "rep": new.rep,
        "queue": new.queue,
        "state": stands,
        "stage": state.stage,
        "temperature": state.temperature,
        "segments": dict(state.segments),
        "hops": new.hops,
        "assigned_at": now,
        "acknowledged_at": now if new.accepted else None,
        "accepted_at": now if new.accepted else None,
        "by": new.by,
        "reason": new.reason,
        "trace": [_told(step) for step in new.trace],
        "decision_id": state.decision_id,
        "account": state.account,
    }
    connection.execute(_NEW, values)
    _let_own(connection, lead, new.rep)
    if new.rep is not None:
        settle_timers(connection, [assignment_id], policy.clocks, now)
    return Assigned(assignment_id, lead, new.rep, new.queue, stands, is_new=True)


def end(
    connection: Connection, row: Row[Any], how: str, policy: Policy, now: int, why: str | None = None
) -> None:
    """End a live assignment, with its timers. `why` stays beside how it began."""
    ended = sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == row.id)
    connection.execute(ended.values(state=how, ended_at=max(now, row.assigned_at), ended_because=why))
    _let_own(connection, row.lead, None)
    if row.rep is not None:
        settle_timers(connection, [row.id], policy.clocks, now)


def assigned_of(row: Row[Any]) -> Assigned:
    """Return what a row says, of one that was there before."""
    return Assigned(row.id, row.lead, row.rep, row.queue, row.state, is_new=False)


def _let_own(connection: Connection, lead: int, rep: str | None) -> None:
    connection.execute(_LET_OWN, {"of_lead": lead, "rep": rep})


def _told(step: TraceStep) -> dict[str, Any]:
    said: dict[str, Any] = {"step": step.step, "words": step.words}
    return said if step.left is None else said | {"left": list(step.left)}
