"""POST /score?record=true: the lead and its events are kept first, then scored as they stand, on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault
from features.lead_standing import raw_touches
from features.vocabulary import TOUCH_TYPES
from serving.api.event_fields import event_fields
from serving.api.lead_contacts import settle_contacts
from serving.api.lead_fields import lead_fields
from serving.api.scores import scored_answer
from serving.door.intake import reasons_shown
from serving.history.events import EventSent, keep_events
from serving.history.leads import keep_leads
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import Faults

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.history.leads import LeadSent

_NOW = "Leave it out: what is recorded is the score now."


def record_score(call: Call) -> Response:
    """Keep what the body tells of a lead, and answer with its score now, which is recorded."""
    shown = reasons_shown(call.taken.query)
    lead, events = _sent(call)
    mapping = call.mapping
    touches = TOUCH_TYPES if mapping is None else raw_touches(mapping.events)

    def keep(connection: Connection) -> None:
        [kept] = keep_leads(connection, [lead], call.now)
        settle_contacts(connection, [kept.number], mapping)
        keep_events(connection, events, call.now, touches)

    call.parts.store.write(keep)
    return scored_answer(call.parts.recorder.score_now(lead.lead_id, call.now, shown))


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
