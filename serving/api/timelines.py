"""What is remembered of a lead: values that its columns took, what happened, the scores it was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from serving.api.call import answer, no_such_lead
from serving.api.lead_words import cell_documents, cell_text, moment_or_none
from serving.api.query import Query, in_query
from serving.history.happenings import Absorbed, Acted, Changed, Ended, Scored
from serving.history.identity import find_lead
from serving.history.timeline import history, timeline
from serving.ledger.records import records_of
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.history.happenings import Happening

RECORDS = 20
"""So many recorded scores are told unless more are asked for: each has all its reasons."""


def lead_history(call: Call) -> Response:
    """Return the values that columns took, the newest first."""

    def told(connection: Connection, number: int, cursor: str | None, limit: int) -> dict[str, Any]:
        page = history(connection, number, cursor, limit)
        changes = [
            {
                "column": change.column,
                "changed_at": rfc_3339(change.changed_at),
                "value": change.value,
                "text": cell_text(change.value),
                "merged_lead_id": change.lead_id,
            }
            for change in page.changes
        ]
        return {"changes": changes, "next": page.next}

    return _paged(call, told, DEFAULT_LIMIT)


def lead_timeline(call: Call) -> Response:
    """Return all that happened, the newest first."""

    def told(connection: Connection, number: int, cursor: str | None, limit: int) -> dict[str, Any]:
        page = timeline(connection, number, cursor, limit)
        return {"happenings": [_happening(one) for one in page.happenings], "next": page.next}

    return _paged(call, told, DEFAULT_LIMIT)


def lead_scores(call: Call) -> Response:
    """Return the scores that were recorded, as they were given, the newest first."""

    def told(connection: Connection, number: int, cursor: str | None, limit: int) -> dict[str, Any]:
        page = records_of(connection, number, cursor, limit)
        records = [
            {"record_id": one.id, "recorded_at": rfc_3339(one.recorded_at), "answer": json.loads(one.answer)}
            for one in page.records
        ]
        return {"records": records, "next": page.next}

    return _paged(call, told, RECORDS)


def _paged(
    call: Call, told: Callable[[Connection, int, str | None, int], dict[str, Any]], default: int
) -> Response:
    query = Query(call.taken.query)
    limit = query.whole("limit", 1, LARGEST_LIMIT) or default
    cursor = query.text("cursor")
    query.checked()
    lead_id = call.id()
    with call.parts.store.reading() as connection, in_query():
        lead = find_lead(connection, lead_id)
        if lead is None:
            raise no_such_lead()
        return answer({"lead_id": lead.lead_id, **told(connection, lead.number, cursor, limit)})


def _happening(one: Happening) -> dict[str, Any]:
    said: dict[str, Any] = {"at": rfc_3339(one.at), "merged_lead_id": None}
    if isinstance(one, Scored):
        said |= {"kind": "score", "merged_lead_id": one.lead_id, "score": _score(one)}
    elif isinstance(one, Absorbed):
        said |= {"kind": "merge", "merged_lead_id": one.lead_id}
    elif isinstance(one, Ended):
        said |= {"kind": "outcome", "outcome": _outcome(one)}
    elif isinstance(one, Acted):
        said |= {"kind": "event", "event": _event(one)}
    elif isinstance(one, Changed):
        said |= {"kind": "change", "merged_lead_id": one.lead_id, "columns": one.values}
        said["cells"] = cell_documents(one.values)
    return said


def _score(one: Scored) -> dict[str, Any]:
    return {
        "record_id": one.record_id,
        "as_of": rfc_3339(one.as_of),
        "score": one.score,
        "probability": one.probability,
        "grade": one.grade,
        "rung": one.rung,
        "action": one.action,
        "model": {"name": one.model_name, "version": one.model_version},
        "reasons": list(one.reasons),
    }


def _outcome(one: Ended) -> dict[str, Any]:
    return {
        "outcome": one.outcome,
        "outcome_id": one.outcome_id,
        "value": one.value,
        "known_at": rfc_3339(one.known_at),
        "ended_at": moment_or_none(one.ended_at),
    }


def _event(one: Acted) -> dict[str, Any]:
    return {
        "type": one.type,
        "event_id": one.event_id,
        "value": one.value,
        "properties": one.properties,
        "known_at": rfc_3339(one.known_at),
    }
