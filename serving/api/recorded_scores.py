"""POST /score?record=true: the lead and its events are kept first, then scored as they stand, on record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from features.errors import Fault
from features.lead_standing import raw_touches
from features.vocabulary import TOUCH_TYPES
from models.score import Unscorable
from serving.api.event_fields import event_fields
from serving.api.lead_contacts import settle_contacts
from serving.api.lead_fields import lead_fields
from serving.api.once import once
from serving.api.scores import scored_answer
from serving.door.intake import is_explained, reasons_shown
from serving.history.events import EventSent, keep_events
from serving.history.leads import keep_leads
from serving.scoring.answers import problem_of
from serving.scoring.asked_lead import AskedLead
from serving.store.database import StoreBusyError
from serving.wire.problems import Problem, ProblemError, invalid, named_problem
from serving.wire.values import Faults

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.api.once import Said
    from serving.history.leads import LeadSent
    from serving.scoring.recording import Scored

_KEPT = "The lead and its events are kept, but not scored."
_NOW = "Leave it out: what is recorded is the score now."


def record_score(call: Call) -> Response:
    """Keep what the body tells of a lead, and answer with its score now, which is recorded.

    Cells that the model cannot read are refused before anything is kept. What keeps it from being scored
    afterwards is told together with what is kept.
    """
    shown, explains = reasons_shown(call.taken.query), is_explained(call.taken.query)
    lead, events = _sent(call)
    mapping = call.mapping
    touches = TOUCH_TYPES if mapping is None else raw_touches(mapping.events)

    _refuse_unreadable(call, lead)

    def keep(connection: Connection) -> list[Said | None]:
        [kept] = keep_leads(connection, [lead], call.now)
        settle_contacts(connection, [kept.number], mapping)
        keep_events(connection, events, call.now, touches)
        return []

    call.parts.store.write(once(call, keep))
    return scored_answer(_scored(call, lead.lead_id, shown, explains=explains))


def _scored(call: Call, lead_id: str, shown: int | None, *, explains: bool) -> Scored | None:
    """Score a lead that is kept. Raises ProblemError (503) where the store cannot be asked any more."""
    try:
        scored = call.parts.recorder.score_now(lead_id, call.now, shown, explains=explains)
    except StoreBusyError as busy:
        detail = f"{_KEPT} Ask GET /v1/leads/{{id}}/score for its score."
        raise ProblemError(named_problem("kept-not-scored", detail, retry_after="2")) from busy
    return replace(scored, detail=f"{_KEPT} {scored.detail}") if isinstance(scored, Problem) else scored


def _refuse_unreadable(call: Call, lead: LeadSent) -> None:
    """Raise ProblemError (422) where the model cannot read the cells that were sent."""
    answerer = call.parts.champion.answerer()
    if answerer is None:
        return
    created_at = call.now if lead.created_at is None else lead.created_at
    asked = AskedLead(
        lead_id=lead.lead_id,
        created_at=created_at,
        as_of=max(call.now, created_at),
        cells={name: cell for name, cell in lead.cells.items() if cell is not None},
        events=(),
        warnings=(),
        is_stored=True,
    )
    [found] = answerer.scores([asked], shown=0)
    if isinstance(found, Unscorable):
        raise ProblemError(problem_of(found))


def _sent(call: Call) -> tuple[LeadSent, list[EventSent]]:
    members = call.members("lead", "events", "as_of")
    faults = Faults()
    if members.get("as_of") is not None:
        faults.say("as_of", "nothing", members["as_of"], _NOW)
    lead = lead_fields(call.mapping).read({"lead": members.get("lead")}, call.now, faults)
    events = _events(call, members.get("events"), None if lead is None else lead.lead_id, faults)
    if faults or lead is None:
        raise ProblemError(invalid(faults))
    return lead, events


def _events(call: Call, sent: Any, owner: str | None, faults: Faults) -> list[EventSent]:
    limit = call.parts.settings.event_limit
    if sent is None:
        return []
    if not isinstance(sent, list):
        faults.say("events", "a list of events", sent, "Send a list in brackets.")
        return []
    if len(sent) > limit:
        faults.append(Fault("events", f"at most {limit} events", f"{len(sent)}", "Send the newest."))
        return []
    fields = event_fields(call.mapping)
    read: list[EventSent] = []
    for place, item in enumerate(sent):
        own = Faults()
        event = fields.read(item, call.now, own, owner)
        faults.extend(
            Fault(f"events[{place}].{fault.where}", fault.expected, fault.found, fault.remedy)
            for fault in own
        )
        if event is not None:
            read.append(event)
    return read
