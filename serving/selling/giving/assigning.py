"""Giving stored leads to reps: by the policy, by hand, away from one rep to another, back to the queue.

Each works within the transaction of its caller (`Store.write`), locks the lead first, and is safe however
many do so at once: see `assignments.take_lead` and `assignments.take_reps`. What was an assignment stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.routing.case import TraceStep
from decisions.routing.rep import NO_LOAD
from decisions.routing.route import route
from decisions.routing.taking import room_of
from serving.history.identity import locked
from serving.selling.giving.assignments import (
    BY_POLICY,
    Assigned,
    Beginning,
    NotOpenError,
    assigned_of,
    begin,
    end,
    live_of,
    take_lead,
    take_reps,
)
from serving.selling.giving.cases import case_of, state_now
from serving.selling.giving.kept_turns import keep_turns, turns_kept
from serving.selling.giving.loads import loads_of
from serving.selling.giving.reps import reps_of
from serving.selling.said.feedback import gave_back
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, NOTICES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from decisions.policy import Policy
    from decisions.routing.case import Routed
    from decisions.routing.policy import Routing
    from serving.selling.giving.cases import StateNow

ACKNOWLEDGEMENT = "acknowledgement"
_ACKNOWLEDGE = "Nobody of sales can take this lead now: answer it, and say when somebody will."


class NotForSalesError(RuntimeError):
    """The lead is not decided to go to sales, so the policy gives it to nobody."""


class NoSuchRepError(LookupError):
    """The rep is not known, or has left."""


class NoRoomError(RuntimeError):
    """The rep has no room for one more lead; the message says why."""


def assign(connection: Connection, lead: int, policy: Policy, now: int) -> Assigned:
    """Give a lead to a rep as the policy routes it, or put it into its queue. Done once: who has it keeps it.

    One that waits is routed again, and stays where it waits while nobody can take it. Raises NotOpenError,
    and NotForSalesError where no decision says that it goes to sales.
    """
    live = take_lead(connection, lead)
    if live is not None and live.rep is not None:
        return assigned_of(live)
    state = state_now(connection, lead)
    if state.action != "route":
        raise NotForSalesError("the lead is not decided to go to sales")
    hops = 0 if live is None else live.hops
    return _routed(connection, lead, state, policy, now, waits=live, hops=hops, reason=None)


def reassign(
    connection: Connection, assignment_id: str, policy: Policy, now: int, why: str
) -> Assigned | None:
    """Take a lead from its rep and give it to another, or let it wait. None where that is over already.

    Whoever had it before does not get it again. It is one hop more.
    """
    row = _live_by_id(connection, assignment_id)
    if row is None or row.rep is None:
        return None
    end(connection, row, "reassigned", policy, now, why)
    state = state_now(connection, row.lead)
    return _routed(connection, row.lead, state, policy, now, waits=None, hops=row.hops + 1, reason=why)


def give_back(
    connection: Connection, assignment_id: str, policy: Policy, now: int, why: str
) -> Assigned | None:
    """Take a lead from its rep and let it wait in its queue, until somebody claims it or it is assigned."""
    row = _live_by_id(connection, assignment_id)
    if row is None or row.rep is None:
        return None
    return to_queue(connection, row, "returned", policy, now, why)


def to_queue(
    connection: Connection, row: Row[Any], how: str, policy: Policy, now: int, why: str | None
) -> Assigned:
    """End a live assignment, and let the lead wait in its queue."""
    end(connection, row, how, policy, now, why)
    trace = [TraceStep("wait", f"Back in the queue '{row.queue}'.")]
    return begin(
        connection,
        row.lead,
        state_now(connection, row.lead),
        Beginning(
            rep=None,
            queue=row.queue,
            by=BY_POLICY,
            reason=why,
            trace=trace,
            hops=row.hops,
        ),
        policy,
        now,
    )


def withdraw(connection: Connection, lead: int, policy: Policy, now: int, why: str) -> bool:
    """End what a lead has, open or not: sales is done with it. Returns whether it had any.

    Where its rep gave it back, in feedback alone, it is ended as rejected: they do not get it again.
    """
    standing = locked(connection, [lead], LEADS.c.number, LEADS.c.standing)
    live = live_of(connection, lead)
    if live is None:
        return False
    is_open = lead in standing and standing[lead].standing == "open"
    rejected = is_open and live.rep is not None and gave_back(connection, lead, live.rep, live.assigned_at)
    end(connection, live, "rejected" if rejected else "closed", policy, now, why)
    return True


def assign_by_hand(
    connection: Connection,
    lead: int,
    rep_id: str,
    policy: Policy,
    now: int,
    *,
    by: str,
    reason: str,
    over_capacity: bool = False,
) -> Assigned:
    """Give a lead to a rep because a manager says so, whatever the policy would say and whoever has it.

    Raises NotOpenError, NoSuchRepError, and NoRoomError unless `over_capacity` allows it.
    """
    live = take_lead(connection, lead)
    if live is not None and live.rep == rep_id:
        return assigned_of(live)
    take_reps(connection)
    name = room_for(connection, rep_id, policy.routing, now, over_capacity=over_capacity)
    if live is not None:
        end(connection, live, "taken" if live.rep is None else "reassigned", policy, now, reason)
    state = state_now(connection, lead)
    trace = [TraceStep("by hand", f"{by} gives it to {name}: {reason}", (rep_id,))]
    return begin(
        connection,
        lead,
        state,
        Beginning(
            rep=rep_id,
            queue=(None if live is None else live.queue) or state.queue or policy.routing.fallback_queue,
            by=by,
            reason=reason,
            trace=trace,
            hops=0 if live is None or live.rep is None else live.hops + 1,
        ),
        policy,
        now,
    )


def room_for(
    connection: Connection, rep_id: str, routing: Routing, now: int, *, over_capacity: bool = False
) -> str:
    """Return the name of a rep who has room for one more lead. Raises NoSuchRepError, NoRoomError.

    The caller has taken its turn (`take_reps`), so that it stays so.
    """
    rep = reps_of(connection).get(rep_id)
    if rep is None or rep.status == "left":
        raise NoSuchRepError("the rep is not known, or has left")
    load = loads_of(connection, [rep], now).get(rep_id, NO_LOAD)
    full = room_of(rep, routing).why_full(load)
    if full is not None and not over_capacity:
        raise NoRoomError(f"{rep.name} {full}")
    return rep.name


def _routed(
    connection: Connection,
    lead: int,
    state: StateNow,
    policy: Policy,
    now: int,
    *,
    waits: Row[Any] | None,
    hops: int,
    reason: str | None,
) -> Assigned:
    """Route a lead, and write where it goes. `waits`: its live assignment, without a rep."""
    take_reps(connection)
    routing = policy.routing
    reps, turns = reps_of(connection), turns_kept(connection)
    loads = loads_of(connection, reps.values(), now, records_by=_asked_records(routing))
    found = route(case_of(connection, lead, state), reps.values(), loads, turns, routing, now)
    if waits is not None and found.rep_id is None and found.queue == waits.queue:
        return assigned_of(waits)
    if waits is not None:
        end(connection, waits, "taken" if found.rep_id else "released", policy, now, found.trace[-1].words)
    keep_turns(connection, turns, found.turns, reps.keys(), now)
    made = begin(
        connection,
        lead,
        state,
        Beginning(
            rep=found.rep_id,
            queue=found.queue,
            by=BY_POLICY,
            reason=reason,
            trace=found.trace,
            hops=hops,
        ),
        policy,
        now,
    )
    _ask_acknowledgement(connection, made, found, now)
    return made


def _asked_records(routing: Routing) -> list[str]:
    """Return the segments by which records are counted; none where no queue chooses by records."""
    return [rules.best_fit_by for rules in routing.queues.values() if rules.choose in {"fastest", "best_fit"}]


def _ask_acknowledgement(connection: Connection, made: Assigned, found: Routed, now: int) -> None:
    """Ask the marketing tool to answer a lead that nobody can take; once, until that is done."""
    if not found.asks_acknowledgement:
        return
    asked = sa.select(NOTICES.c.number).where(
        NOTICES.c.lead == made.lead, NOTICES.c.kind == ACKNOWLEDGEMENT, NOTICES.c.done_at.is_(None)
    )
    if connection.execute(asked.limit(1)).first() is None:
        notice = {"lead": made.lead, "assignment": made.id, "kind": ACKNOWLEDGEMENT, "to": None}
        connection.execute(NOTICES.insert().values(**notice, text=_ACKNOWLEDGE, at=now))


def _live_by_id(connection: Connection, assignment_id: str) -> Row[Any] | None:
    """Lock the lead of an assignment, and return the assignment where it is still live."""
    known = sa.select(ASSIGNMENTS.c.lead).where(ASSIGNMENTS.c.id == assignment_id)
    lead = connection.execute(known).scalar_one_or_none()
    if lead is None:
        return None
    try:
        live = take_lead(connection, lead)
    except NotOpenError:
        return None
    return live if live is not None and live.id == assignment_id else None
