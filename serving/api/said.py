"""What reps say of leads: answers that qualify, and stages; and what all that they say has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault
from features.times import TimeRules
from serving.api.call import answer, no_such_lead
from serving.api.decisions import bant_documents
from serving.api.once import keep_once
from serving.api.said_types import BantBody, StageBody
from serving.api.typed_members import body_of
from serving.history.identity import find_lead, held
from serving.selling.said.answers import answers_given, keep_answers
from serving.selling.standing.sales_stages import set_stage, substages_of
from serving.selling.standing.stage_log import BY_POLICY, BY_TIMER, stages_now
from serving.selling.standing.told import state_of_lead
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, named_problem
from serving.wire.values import Faults, moment_at, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.api.once import Said
    from serving.history.identity import StoredLead


def post_bant(call: Call) -> Response:
    """Keep answers, and tell how the questions stand."""
    body = body_of(call, BantBody)
    faults = Faults()
    at = moment_of(call, "answered_at", body.answered_at, faults)
    check_author(body.author, faults)
    answers: dict[Any, Any] = body.answers.model_dump(exclude_none=True)
    if not answers:
        faults.say("answers", "at least one answer", None, 'Send {"budget": "yes"}.')
    if faults:
        raise ProblemError(invalid(faults))

    def kept(connection: Connection, lead: StoredLead) -> Said:
        keep_answers(connection, lead.number, answers, at, call.now, author=body.author, note=body.note)
        return {"state": "kept"}

    return answer(keep_once(call, kept, lambda connection, lead, _: _bant(connection, lead)))


def get_bant(call: Call) -> Response:
    """Return how the questions stand, and what was answered."""
    with call.parts.store.reading() as connection:
        return answer(_bant(connection, lead_of(connection, call.id())))


def put_stage(call: Call) -> Response:
    """Put a lead where sales says that it is."""
    body = body_of(call, StageBody)
    policy, _ = call.parts.policies.current()
    faults = Faults()
    at = moment_of(call, "at", body.at, faults)
    check_author(body.author, faults)
    parts = substages_of(body.stage, policy)
    substage = body.substage or (parts[0] if parts else None)
    if body.substage is not None and body.substage not in parts:
        expected = f"one of {', '.join(parts)}" if parts else "none for this stage"
        faults.say("substage", expected, body.substage, "Choose from the policy's, or leave it out.")
    if faults:
        raise ProblemError(invalid(faults))

    def kept(connection: Connection, lead: StoredLead) -> dict[str, Any]:
        check_open(lead)
        because = body.note or f"{body.author} said so"
        changed = set_stage(
            connection,
            lead.number,
            body.stage,
            substage,
            call.now,
            at=at,
            author=body.author,
            because=because,
        )
        now = stages_now(connection, [lead.number])[lead.number]
        return {
            "lead_id": lead.lead_id,
            "stage": now.stage,
            "substage": now.substage,
            "since": rfc_3339(now.since),
            "by": now.by,
            "state": "changed" if changed else "unchanged",
        }

    return answer(written(call, kept))


def check_author(author: str, faults: Faults) -> None:
    """Add a fault where the author is a name that is not for persons."""
    if author in {BY_POLICY, BY_TIMER}:
        faults.append(Fault("author", "who says so", shown(author), "Name the rep, or the program."))


def moment_of(call: Call, name: str, sent: str | None, faults: Faults) -> int:
    """Return a moment that was sent, not in the future; the arrival where none was."""
    if sent is None:
        return call.now
    moment = moment_at(name, sent, TimeRules(), call.now, faults, day_end=False)
    return call.now if moment is None else moment


def check_open(lead: StoredLead) -> None:
    """Raise ProblemError (409) where a lead has ended."""
    if lead.last.standing != "open":
        detail = f"The lead is {lead.last.standing}: where it is follows from its outcome."
        raise ProblemError(named_problem("not-open", detail, stage=lead.last.standing))


def _bant(connection: Connection, lead: StoredLead) -> dict[str, Any]:
    given = answers_given(connection, lead.number)
    answers = [
        {
            "question": one.question,
            "answer": one.answer,
            "answered_at": rfc_3339(one.answered_at),
            "known_at": rfc_3339(one.known_at),
            "author": one.author,
            "note": one.note,
        }
        for one in given
    ]
    state = state_of_lead(connection, lead.number)
    return {"lead_id": lead.lead_id, "bant": bant_documents(state, given), "answers": answers}


def lead_of(connection: Connection, lead_id: str) -> StoredLead:
    """Return the lead of an id. Raises ProblemError (404)."""
    lead = find_lead(connection, lead_id)
    if lead is None:
        raise no_such_lead()
    return lead


def written(call: Call, work: Callable[[Connection, StoredLead], dict[str, Any]]) -> dict[str, Any]:
    """Do what a body asks for with its lead, which nobody else may change meanwhile."""
    lead_id = call.id()

    def done(connection: Connection) -> dict[str, Any]:
        held(connection, [lead_id])
        return work(connection, lead_of(connection, lead_id))

    return call.parts.store.write(done)
