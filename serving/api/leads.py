"""Leads of the store: put, looked at, deleted, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.api.call import answer, no_such_lead
from serving.api.lead_fields import lead_fields
from serving.api.lead_words import lead_document
from serving.problems import Problem, ProblemError, document, invalid
from serving.store.identity import delete_lead, find_lead
from serving.store.leads import keep_leads
from serving.values import Faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.store.leads import LeadSent


def put_lead(call: Call) -> Response:
    """Keep one lead. 201 where it is new."""
    faults = Faults()
    sent = lead_fields(call.mapping).read(call.taken.value, call.now, faults, call.id())
    if sent is None:
        raise ProblemError(invalid(faults))
    [said] = _kept(call, [sent])
    return answer(said, 201 if said["state"] == "created" else 200)


def put_leads(call: Call) -> Response:
    """Keep many leads; a bad one does not spoil the others."""
    reader = lead_fields(call.mapping)
    read: list[LeadSent | Problem] = []
    for place, item in enumerate(call.items("leads", call.parts.settings.batch_limit_leads)):
        faults = Faults()
        sent = reader.read(item, call.now, faults)
        read.append(invalid(faults, within=f"leads[{place}].") if sent is None else sent)
    said = iter(_kept(call, [sent for sent in read if not isinstance(sent, Problem)]))
    return answer({"leads": [document(item) if isinstance(item, Problem) else next(said) for item in read]})


def get_lead(call: Call) -> Response:
    """Return one lead as it stands."""
    with call.parts.store.reading() as connection:
        lead = find_lead(connection, call.id())
    if lead is None:
        raise no_such_lead()
    return answer(lead_document(lead))


def remove_lead(call: Call) -> Response:
    """Delete a lead, until it is put again."""
    lead_id = call.id()
    if not call.parts.store.write(lambda connection: delete_lead(connection, lead_id, call.now)):
        raise no_such_lead()
    return answer({"lead_id": lead_id, "state": "deleted"})


def _kept(call: Call, sent: Sequence[LeadSent]) -> list[dict[str, Any]]:
    def keep(connection: Connection) -> list[dict[str, Any]]:
        kept = keep_leads(connection, sent, call.now)
        return [
            {
                "lead_id": one.lead_id,
                "state": one.state,
                "changed": list(one.changed),
                "findings": [],
                "normalised": {},
                "duplicates": [],
                "warnings": [],
            }
            for one in kept
        ]

    return call.parts.store.write(keep) if sent else []
