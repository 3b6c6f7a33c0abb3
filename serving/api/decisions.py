"""What is decided about a lead: now, as it was kept, and how the lead stands by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from decisions.policy.attributes import QUESTIONS
from serving.api.call import answer, no_such_lead
from serving.api.lead_words import moment_or_none
from serving.api.query import Query, in_query
from serving.history.identity import find_lead
from serving.selling.said.answers import answers_given
from serving.selling.standing.told import decisions_page, stages_passed, state_of_lead
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339
from serving.wire.problems import Problem, ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.selling.said.answers import BantAnswer
    from serving.selling.standing.told import LeadState


def decide_lead(call: Call) -> Response:
    """Decide about a lead now, and keep it."""
    found = call.parts.recorder.decide_now(call.id(), call.now)
    if found is None:
        raise no_such_lead()
    if isinstance(found, Problem):
        raise ProblemError(found)
    return answer(
        {
            "lead_id": found.lead_id,
            "decided_at": rfc_3339(found.judged.facts.as_of),
            "policy_version": found.policy_version,
            "decision": _decision(msgspec.to_builtins(found.judged.decision)),
        }
    )


def lead_decisions(call: Call) -> Response:
    """Return a page of decisions, the newest first."""
    query = Query(call.taken.query)
    limit, cursor = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT, query.text("cursor")
    query.checked()
    with call.parts.store.reading() as connection, in_query():
        lead = find_lead(connection, call.id())
        if lead is None:
            raise no_such_lead()
        page = decisions_page(connection, lead.number, cursor, limit)
    told = [_kept(row) for row in page.decisions]
    return answer({"lead_id": lead.lead_id, "decisions": told, "next": page.next})


def lead_state(call: Call) -> Response:
    """Return how a lead stands by what is decided and said of it."""
    with call.parts.store.snapshot() as connection:
        lead = find_lead(connection, call.id())
        if lead is None:
            raise no_such_lead()
        state = state_of_lead(connection, lead.number)
        stages = stages_passed(connection, lead.number)
        given = answers_given(connection, lead.number)
    row = None if state is None else state.state
    return answer(
        {
            "lead_id": lead.lead_id,
            "standing": lead.last.standing,
            "owner": None if row is None else row.owner,
            "qualified_at": None if row is None else moment_or_none(row.qualified_at),
            "looked_at": None if row is None else moment_or_none(row.decided_at),
            "value": None if row is None else row.value,
            "stages": [_stage(one) for one in stages],
            "bant": bant_documents(state, given),
            "decision": None if state is None else _kept(state.decision),
        }
    )


def bant_documents(state: LeadState | None, given: Sequence[BantAnswer]) -> list[dict[str, Any]]:
    """Return how the four questions stand: by the newest answer that was posted, else by the columns."""
    decided = {} if state is None else state.decision.content["bant"]
    newest = {one.question: one for one in reversed(given)}
    told = []
    for question in QUESTIONS:
        said = newest.get(question)
        if said is not None and said.answer != "unknown":
            told.append(_bant(question, said.answer, "rep", said))
            continue
        of_columns = decided.get(question, "unknown") if _is_of_columns(state, question) else "unknown"
        told.append(_bant(question, of_columns, None if of_columns == "unknown" else "columns", None))
    return told


def _is_of_columns(state: LeadState | None, question: str) -> bool:
    """Return whether what was decided on came from the columns, and not from an answer taken back since."""
    if state is None:
        return False
    said = state.decision.facts.get("held", {}).get("bant", {}).get(question, "unknown")
    return bool(said == "unknown")


def _bant(question: str, found: str, source: str | None, said: BantAnswer | None) -> dict[str, Any]:
    return {
        "question": question,
        "answer": found,
        "source": source,
        "author": None if said is None else said.author,
        "answered_at": None if said is None else rfc_3339(said.answered_at),
    }


def _kept(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "decided_at": rfc_3339(row.decided_at),
        "policy_version": row.policy_version,
        "policy_sha256": row.policy_sha256,
        "record_id": row.record_id,
        "decision": _decision(row.content),
    }


def _decision(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content, "look_again_at": moment_or_none(content["look_again_at"])}


def _stage(row: Row[Any]) -> dict[str, Any]:
    return {
        "stage": row.stage,
        "substage": row.substage,
        "entered_at": rfc_3339(row.entered_at),
        "left_at": moment_or_none(row.left_at),
        "because": row.because,
        "by": row.by,
    }
