"""Leads given to reps, claimed, accepted, rejected, put back; who has and had them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.errors import Fault
from serving.api.assignment_types import AcceptBody, AssignBody, ClaimBody, RejectBody, ReleaseBody
from serving.api.call import answer, no_such_lead
from serving.api.lead_words import moment_or_none
from serving.api.typed import body_as
from serving.history.identity import find_lead, held
from serving.selling.clocks.answering import NotTheirsError
from serving.selling.giving.assigning import (
    NoRoomError,
    NoSuchRepError,
    NotForSalesError,
    assign,
    assign_by_hand,
)
from serving.selling.giving.assignments import NotOpenError
from serving.selling.giving.claiming import NotAMemberError, TakenError, accept, claim, reject, release
from serving.selling.said.feedback import UnknownReasonError
from serving.store.schema_selling import ASSIGNMENTS
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, named_problem
from serving.wire.values import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Row
    from starlette.responses import Response

    from decisions.policy import Policy
    from serving.api.call import Call
    from serving.selling.giving.assignments import Assigned

NEWEST = 200


def assign_lead(call: Call) -> Response:
    """Give a lead to a rep: as the policy routes it, or by hand."""
    body, policy = body_as(call, AssignBody), _policy(call)
    if body.rep is None:
        return _answered(call, lambda connection, lead: assign(connection, lead, policy, call.now))
    rep, reason, by = body.rep, body.reason, body.by
    if reason is None or by is None:
        missing = [name for name, value in (("reason", reason), ("by", by)) if value is None]
        remedy = "Say why, and who says so."
        raise ProblemError(invalid([Fault(name, "text beside rep", "nothing", remedy) for name in missing]))
    return _answered(
        call,
        lambda connection, lead: assign_by_hand(
            connection, lead, rep, policy, call.now, by=by, reason=reason, over_capacity=body.over_capacity
        ),
    )


def claim_lead(call: Call) -> Response:
    """Give a lead that waits to the member of its queue who claims it first."""
    body, policy = body_as(call, ClaimBody), _policy(call)
    return _answered(call, lambda connection, lead: claim(connection, lead, body.rep, policy, call.now))


def accept_lead(call: Call) -> Response:
    """Note that a rep accepts a lead."""
    body, policy = body_as(call, AcceptBody), _policy(call)
    return _answered(
        call,
        lambda connection, lead: accept(connection, lead, body.rep, policy, call.now, note=body.note or ""),
    )


def reject_lead(call: Call) -> Response:
    """Note that a rep rejects a lead; what becomes of it the policy says by the reason."""
    body, policy = body_as(call, RejectBody), _policy(call)
    return _answered(
        call,
        lambda connection, lead: reject(
            connection, lead, body.rep, body.reason, policy, call.now, note=body.note or ""
        ),
    )


def release_lead(call: Call) -> Response:
    """Put a lead back into its queue, for others."""
    body, policy = body_as(call, ReleaseBody), _policy(call)
    return _answered(
        call,
        lambda connection, lead: release(connection, lead, body.rep, body.reason, policy, call.now),
    )


def lead_assignments(call: Call) -> Response:
    """Return who has and had a lead."""
    with call.parts.store.reading() as connection:
        lead = find_lead(connection, call.id())
        if lead is None:
            raise no_such_lead()
        theirs = ASSIGNMENTS.select().where(ASSIGNMENTS.c.lead == lead.number)
        newest = (
            ASSIGNMENTS.c.ended_at.is_not(None),
            ASSIGNMENTS.c.assigned_at.desc(),
            ASSIGNMENTS.c.ended_at.desc(),
            ASSIGNMENTS.c.id,
        )
        rows = connection.execute(theirs.order_by(*newest).limit(NEWEST)).all()
    return answer({"lead_id": lead.lead_id, "assignments": [_document(row) for row in rows]})


def _policy(call: Call) -> Policy:
    return call.parts.champion.policy


def _answered(call: Call, work: Callable[[Connection, int], Assigned]) -> Response:
    lead_id = call.id()

    def done(connection: Connection) -> dict[str, Any]:
        held(connection, [lead_id])
        lead = find_lead(connection, lead_id)
        if lead is None:
            raise no_such_lead()
        made = work(connection, lead.number)
        row = connection.execute(sa.select(ASSIGNMENTS).where(ASSIGNMENTS.c.id == made.id)).one()
        state = "changed" if made.is_new else "unchanged"
        return {"lead_id": lead.lead_id, "state": state, "assignment": _document(row)}

    try:
        return answer(call.parts.store.write(done))
    except NotTheirsError as problem:
        detail = "Nobody has this lead now, or another rep than the one that is named."
        raise ProblemError(named_problem("not-theirs", detail)) from problem
    except NotOpenError as problem:
        detail = "This lead is won, lost or disqualified: nobody is given it."
        raise ProblemError(named_problem("lead-closed", detail)) from problem
    except NotForSalesError as problem:
        detail = "No decision says that this lead goes to sales. By hand it can be given to a rep."
        raise ProblemError(named_problem("not-for-sales", detail)) from problem
    except TakenError as problem:
        detail = "This lead waits in no queue: somebody has it, or it was not put there."
        raise ProblemError(named_problem("taken", detail)) from problem
    except NoRoomError as problem:
        raise ProblemError(named_problem("no-room", f"{problem}.")) from problem
    except (NoSuchRepError, NotAMemberError) as problem:
        expected = "a rep who is there, and a member of the lead's queue where the lead is claimed"
        fault = Fault("rep", expected, str(problem), "Name another, or put the rep first: PUT /v1/reps/{id}.")
        raise ProblemError(invalid([fault])) from problem
    except UnknownReasonError as problem:
        expected = f"one of {', '.join(problem.reasons)}"
        fault = Fault(
            "reason", expected, shown(problem.reason), "Choose from these, or add it to the policy."
        )
        raise ProblemError(invalid([fault])) from problem


def _document(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "rep": row.rep,
        "queue": row.queue,
        "state": row.state,
        "hops": row.hops,
        "assigned_at": rfc_3339(row.assigned_at),
        "acknowledged_at": moment_or_none(row.acknowledged_at),
        "contacted_at": moment_or_none(row.contacted_at),
        "accepted_at": moment_or_none(row.accepted_at),
        "ended_at": moment_or_none(row.ended_at),
        "by": row.by,
        "reason": row.reason,
        "ended_because": row.ended_because,
        "trace": [{"left": None, **step} for step in row.trace or ()],
    }
