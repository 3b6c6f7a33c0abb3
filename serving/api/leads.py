"""Leads of the store: put, looked at, deleted, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault
from features.fit import expected_columns
from features.lead_standing import raw_touches
from features.vocabulary import TOUCH_TYPES
from models.score import BUILT_IN_VERSION
from serving.api.call import announced_lead, answer, no_such_lead
from serving.api.lead_contacts import settle_contacts
from serving.api.lead_fields import lead_fields
from serving.api.lead_words import lead_document
from serving.history.identity import delete_lead, find_lead, is_announced
from serving.history.leads import keep_leads
from serving.history.merging import SelfMergeError, UnknownLeadError, merge_leads
from serving.wire.problems import Problem, ProblemError, document, invalid
from serving.wire.values import Faults, shown, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.history.leads import LeadSent

MERGE_LIMIT = 100


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
            raise announced_lead() if is_announced(connection, call.id()) else no_such_lead()
    return answer(lead_document(lead))


def remove_lead(call: Call) -> Response:
    """Delete a lead, until it is put again."""
    lead_id = call.id()

    def deleted(connection: Connection) -> str | None:
        lead = find_lead(connection, lead_id)
        return lead.lead_id if lead and delete_lead(connection, lead_id, call.now) else None

    own_id = call.parts.store.write(deleted)
    if own_id is None:
        raise no_such_lead()
    return answer({"lead_id": own_id, "state": "deleted"})


def merge(call: Call) -> Response:
    """Merge other leads into the lead in the path."""
    survivor = call.id()
    others = _other_ids(call.members("lead_ids").get("lead_ids"))
    mapping = call.mapping
    touches = TOUCH_TYPES if mapping is None else raw_touches(mapping.events)
    try:
        merged = call.parts.store.write(
            lambda connection: merge_leads(connection, survivor, others, call.now, touches)
        )
    except SelfMergeError as problem:
        fault = Fault("lead_ids", "other leads", "the lead itself", "Leave the id in the path out.")
        raise ProblemError(invalid([fault])) from problem
    except UnknownLeadError as problem:
        if survivor in problem.lead_ids:
            raise no_such_lead() from problem
        faults = [
            Fault(f"lead_ids[{others.index(one)}]", "a lead of the store", shown(one), "Put it first.")
            for one in problem.lead_ids
        ]
        raise ProblemError(invalid(faults)) from problem
    return answer(
        {"lead_id": merged.lead_id, "merged": list(merged.absorbed), "changed": list(merged.changed)}
    )


def _other_ids(sent: Any) -> list[str]:
    faults = Faults()
    if not isinstance(sent, list) or not 0 < len(sent) <= MERGE_LIMIT:
        found = shown(sent) if not isinstance(sent, list) else f"{len(sent)}"
        expected = f"a list of 1 to {MERGE_LIMIT} ids"
        faults.append(Fault("lead_ids", expected, found, 'Send {"lead_ids": ["..."]}.'))
        raise ProblemError(invalid(faults))
    ids = [text_at(f"lead_ids[{place}]", one, faults) for place, one in enumerate(sent)]
    if faults:
        raise ProblemError(invalid(faults))
    return [one for one in ids if one is not None]


def _kept(call: Call, sent: Sequence[LeadSent]) -> list[dict[str, Any]]:
    """Keep leads in one transaction, and return what to answer for each, in order."""
    mapping = call.mapping
    unknown = _Unknown(call)

    def keep(connection: Connection) -> list[dict[str, Any]]:
        kept = keep_leads(connection, sent, call.now)
        contacts = settle_contacts(connection, {one.number for one in kept}, mapping)
        return [
            {"lead_id": one.lead_id, "state": one.state, "changed": list(one.changed)}
            | contacts[one.number]
            | {"warnings": unknown.warnings(lead.cells)}
            for one, lead in zip(kept, sent, strict=True)
        ]

    return call.parts.store.write(keep) if sent else []


class _Unknown:
    """Says which columns the champion takes no notice of: most often they are misspelt.

    The scorecard that comes with LeadLens knows no company's columns, and says nothing.
    """

    def __init__(self, call: Call) -> None:
        answerer = call.parts.champion.answerer()
        self._known: frozenset[str] | None = None
        if answerer is not None and answerer.scorer.version != BUILT_IN_VERSION:
            spec, mapping = answerer.scorer.spec, answerer.scorer.mapping
            unused = (column.name for column in spec.unused)
            known = {*expected_columns(spec.columns), *unused, *mapping.leads.exclude}
            self._known = frozenset(known)

    def warnings(self, cells: Mapping[str, Any]) -> list[str]:
        """Return a sentence for each such column, at most 20."""
        if self._known is None:
            return []
        unknown = sorted(name for name in cells if name not in self._known)[:20]
        return [f"Column {shown(name)} is kept, but the model does not know it." for name in unknown]
