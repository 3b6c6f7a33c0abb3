"""What reps do with leads: claim them from a queue, accept them, reject them, put them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.routing.case import TraceStep
from serving.selling.clocks.answering import NotTheirsError
from serving.selling.clocks.timers import settle_timers
from serving.selling.giving.assigning import NoSuchRepError, room_for, to_queue
from serving.selling.giving.assignments import (
    Assigned,
    Beginning,
    assigned_of,
    begin,
    end,
    take_lead,
    take_reps,
)
from serving.selling.giving.cases import state_now
from serving.selling.giving.reps import reps_kept
from serving.selling.said.feedback import accepted, returned
from serving.store.schema_selling import ASSIGNMENTS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from decisions.policy import Policy


class TakenError(RuntimeError):
    """The lead cannot be claimed: another rep has it, or it waits in no queue."""


class NotAMemberError(RuntimeError):
    """The rep is no member of the queue in which the lead waits."""


def claim(connection: Connection, lead: int, rep_id: str, policy: Policy, now: int) -> Assigned:
    """Give a lead that waits in a queue to the member who claims it first; that is an acceptance too.

    Claimed again by the same rep, it is as it was. Raises NotOpenError, TakenError, NotAMemberError,
    NoSuchRepError, NoRoomError.
    """
    live = take_lead(connection, lead)
    if live is not None and live.rep == rep_id:
        return assigned_of(live)
    if live is None or live.rep is not None:
        raise TakenError("the lead waits in no queue")
    take_reps(connection)
    known = reps_kept(connection, rep_id)
    if not known or known[0].status == "left":
        raise NoSuchRepError("the rep is not known, or has left")
    if live.queue not in (known[0].content.get("queues") or {}):
        raise NotAMemberError(f"the rep is no member of the queue '{live.queue}'")
    name = room_for(connection, rep_id, policy.routing, now)
    end(connection, live, "taken", policy, now, f"Claimed by {name}.")
    state = state_now(connection, lead)
    accepted(connection, lead, rep_id, now)
    return begin(
        connection,
        lead,
        state,
        Beginning(
            rep=rep_id,
            queue=live.queue,
            by=rep_id,
            reason=None,
            trace=[TraceStep("claim", f"Claimed from the queue '{live.queue}' by {name}.", (rep_id,))],
            hops=live.hops,
            accepted=True,
        ),
        policy,
        now,
    )


def accept(
    connection: Connection, lead: int, rep_id: str, policy: Policy, now: int, note: str = ""
) -> Assigned:
    """Note that a rep has accepted the lead, as feedback too; what was accepted first stands.

    Raises NotOpenError, NotTheirsError.
    """
    live = _theirs(connection, lead, rep_id)
    if live.accepted_at is not None:
        return assigned_of(live)
    at = max(now, live.assigned_at)
    values = {"state": "accepted", "accepted_at": at, "acknowledged_at": live.acknowledged_at or at}
    connection.execute(sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == live.id).values(values))
    accepted(connection, lead, rep_id, now, note)
    settle_timers(connection, [live.id], policy.clocks, now)
    return Assigned(live.id, lead, rep_id, live.queue, "accepted", is_new=True)


def reject(
    connection: Connection, lead: int, rep_id: str, reason: str, policy: Policy, now: int, *, note: str = ""
) -> Assigned:
    """End an assignment because its rep rejects the lead, for a reason of the policy: it is with nobody then.

    What becomes of it the policy says by the reason; whoever rejected it is not given it again. Rejected by
    the same rep once more, it is as it was. Raises NotOpenError, NotTheirsError, UnknownReasonError.
    """
    live = take_lead(connection, lead)
    last = _last_of(connection, lead) if live is None else None
    if last is not None and (last.rep, last.state) == (rep_id, "rejected"):
        return assigned_of(last)
    if live is None or live.rep != rep_id:
        raise NotTheirsError("the lead is with nobody, or with another rep")
    returned(connection, lead, reason, rep_id, now, policy=policy, note=note)
    end(connection, live, "rejected", policy, now, reason)
    return Assigned(live.id, lead, rep_id, live.queue, "rejected", is_new=True)


def release(connection: Connection, lead: int, rep_id: str, why: str, policy: Policy, now: int) -> Assigned:
    """Put a lead back into its queue, for others. Raises NotOpenError, NotTheirsError."""
    return to_queue(connection, _theirs(connection, lead, rep_id), "released", policy, now, why)


def _theirs(connection: Connection, lead: int, rep_id: str) -> Row[Any]:
    live = take_lead(connection, lead)
    if live is None or live.rep != rep_id:
        raise NotTheirsError("the lead is with nobody, or with another rep")
    return live


def _last_of(connection: Connection, lead: int) -> Row[Any] | None:
    newest = ASSIGNMENTS.select().where(ASSIGNMENTS.c.lead == lead)
    ended = ASSIGNMENTS.c.ended_at.desc()
    return connection.execute(newest.order_by(ended, ASSIGNMENTS.c.assigned_at.desc()).limit(1)).first()
