"""What reps do with leads: claim them from a queue, accept them, reject them, put them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.routing.case import TraceStep
from serving.selling.answering import NotTheirsError
from serving.selling.assigning import NoSuchRepError, room_for, to_queue
from serving.selling.assignments import Assigned, Beginning, assigned_of, begin, end, take_lead, take_reps
from serving.selling.cases import state_now
from serving.selling.reps import reps_kept
from serving.selling.timers import settle_timers
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
    return begin(
        connection,
        lead,
        state_now(connection, lead),
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


def accept(connection: Connection, lead: int, rep_id: str, policy: Policy, now: int) -> Assigned:
    """Note that a rep has accepted the lead; what was accepted first stands.

    Raises NotOpenError, NotTheirsError.
    """
    live = _theirs(connection, lead, rep_id)
    if live.accepted_at is not None:
        return assigned_of(live)
    at = max(now, live.assigned_at)
    values = {"state": "accepted", "accepted_at": at, "acknowledged_at": live.acknowledged_at or at}
    connection.execute(sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == live.id).values(values))
    settle_timers(connection, [live.id], policy.clocks, now)
    return Assigned(live.id, lead, rep_id, live.queue, "accepted", is_new=True)


def reject(connection: Connection, lead: int, rep_id: str, reason: str, policy: Policy, now: int) -> Assigned:
    """End an assignment because its rep rejects the lead: it is with nobody then.

    What becomes of it the policy says by the reason; whoever rejected it is not given it again. Raises
    NotOpenError, NotTheirsError.
    """
    live = _theirs(connection, lead, rep_id)
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
