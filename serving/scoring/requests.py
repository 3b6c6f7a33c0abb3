"""From the body of a request to leads that can be scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from features.batch import LeadBatch
from features.errors import Fault
from features.events import NO_TIME
from features.times import TimeRules
from serving.scoring.asked_lead import AskedLead, event_log_of, names_beside_cells
from serving.scoring.request_events import EventReader, event_reader
from serving.scoring.typed_body import TypedReader
from serving.wire.problems import Problem, ProblemError, invalid
from serving.wire.strict_json import read_json
from serving.wire.values import (
    COLUMN_LIMIT,
    Faults,
    cell_at,
    either,
    name_at,
    object_at,
    only,
    shown,
    text_at,
    time_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from features.mapping import Mapping
    from features.one_lead import OneLead

BODY = ("lead", "events", "as_of")
_AGE_LIMIT_REMEDY = "Send the moment at which the lead was created, at or before as_of."


class RequestReader:
    """Understands requests as the champion's mapping says. Pure: the time of arrival is an argument."""

    def __init__(self, mapping: Mapping, *, event_limit: int, batch_limit: int) -> None:
        self._events: EventReader = event_reader(mapping)
        self._leads = mapping.leads
        self._is_dated = mapping.is_dated
        self._not_cells = names_beside_cells(mapping)
        self._rules = TimeRules(mapping.leads.time_format, mapping.training.time_zone)
        self._as_of_rules = TimeRules(zone=mapping.training.time_zone)
        self._event_limit = event_limit
        self._batch_limit = batch_limit
        self._typed = TypedReader(mapping, self._events, self._rules, event_limit)

    def take(self, body: bytes, arrived_at: int) -> AskedLead:
        """Return the lead of a body as it came over the wire.

        Raises ProblemError: 400 where it is no JSON that means one thing, 422 with every fault found.
        """
        return self.read(read_json(body), arrived_at)

    def take_usual(self, body: bytes, arrived_at: int) -> OneLead | None:
        """Return the lead of a body such as most are, in microseconds; None where it takes a closer look."""
        return self._typed.read(body, arrived_at)

    def read(self, body: Any, arrived_at: int) -> AskedLead:
        """Return the lead of one body. Raises ProblemError (422) with every fault found."""
        asked = self._lead(body, arrived_at)
        if isinstance(asked, Problem):
            raise ProblemError(asked)
        return asked

    def read_batch(self, body: Any, arrived_at: int) -> list[AskedLead | Problem]:
        """Return the leads of a batch in order, each a lead or its problem.

        Raises ProblemError (422) where the batch itself is wrong: no list, or too many leads.
        """
        faults = Faults()
        members = object_at("body", body, faults)
        if members is None:
            raise ProblemError(invalid(faults))
        only("", members, ("leads",), faults)
        leads = members.get("leads")
        if not isinstance(leads, list):
            faults.say("leads", "a list of bodies of /score", leads, 'Send {"leads": [...]}.')
        elif len(leads) > self._batch_limit:
            expected = f"at most {self._batch_limit} leads"
            faults.append(Fault("leads", expected, f"{len(leads)}", "Send them in several batches."))
        if faults or not isinstance(leads, list):
            raise ProblemError(invalid(faults))
        return [self._lead(lead, arrived_at, f"leads[{place}].") for place, lead in enumerate(leads)]

    def batch_of(self, asked: Sequence[AskedLead]) -> LeadBatch:
        """Return leads that name the same columns as one batch."""
        return LeadBatch(
            lead_ids=[lead.lead_id for lead in asked],
            created_at=np.asarray([lead.created_at for lead in asked], np.int64),
            as_of=np.asarray([lead.as_of for lead in asked], np.int64),
            cells={name: [lead.cells[name] for lead in asked] for name in asked[0].cells},
            events=event_log_of(asked, self._events.touches),
            owner=np.arange(len(asked), dtype=np.int64),
            is_stored=all(lead.is_stored for lead in asked),
        )

    def _lead(self, body: Any, arrived_at: int, within: str = "") -> AskedLead | Problem:
        faults = Faults()
        members = object_at("body", body, faults)
        if members is None:
            return invalid(faults, within=within)
        only("", members, BODY, faults)
        as_of: int | None = arrived_at
        if members.get("as_of") is not None:
            as_of = time_at("as_of", members["as_of"], self._as_of_rules, faults, day_end=True)
        lead = object_at("lead", members.get("lead"), faults)
        if lead is None:
            return invalid(faults, within=within)
        name, lead_id = either("lead.", lead, "lead_id", self._leads.id, faults)
        checked_id = text_at(f"lead.{name}", lead_id, faults)
        created_at = self._created_at(lead, as_of, faults)
        cells = self._cells(lead, faults)
        events = self._event_rows(members.get("events"), checked_id, faults)
        if faults or checked_id is None or as_of is None:
            return invalid(faults, within=within)
        return AskedLead(
            lead_id=checked_id,
            created_at=created_at,
            as_of=as_of,
            cells=cells,
            events=events,
            warnings=tuple(self._ignored(members.get("events"))),
        )

    def _created_at(self, lead: dict[str, Any], as_of: int | None, faults: Faults) -> int:
        if not self._is_dated:
            return NO_TIME
        name, value = either("lead.", lead, "created_at", self._leads.created_at, faults)
        created_at = time_at(f"lead.{name}", value, self._rules, faults, day_end=False)
        if created_at is not None and as_of is not None and created_at > as_of:
            faults.say(f"lead.{name}", "a time at or before as_of", value, _AGE_LIMIT_REMEDY)
        return NO_TIME if created_at is None else created_at

    def _cells(self, lead: dict[str, Any], faults: Faults) -> dict[str, Any]:
        names = [name for name in lead if name not in self._not_cells]
        if len(names) > COLUMN_LIMIT:
            faults.append(Fault("lead", f"at most {COLUMN_LIMIT} columns", f"{len(names)}", "Send fewer."))
            return {}
        for name in names:
            name_at("lead", name, faults)
        return {name: cell_at(f"lead.{name}", lead[name], faults) for name in names}

    def _event_rows(self, events: Any, lead_id: str | None, faults: Faults) -> list[dict[str, Any]]:
        if events is None:
            return []
        if not isinstance(events, list):
            faults.say("events", "a list of events", events, "Send a list in brackets.")
            return []
        if len(events) > self._event_limit:
            expected = f"at most {self._event_limit} events"
            faults.append(Fault("events", expected, f"{len(events)}", "Send the newest."))
            return []
        rows = []
        for place, event in enumerate(events):
            rows.append(self._events.read(f"events[{place}]", event, faults))
            self._check_owner(f"events[{place}].", event, lead_id, faults)
        return rows

    def _check_owner(self, place: str, event: Any, lead_id: str | None, faults: Faults) -> None:
        if not isinstance(event, dict) or lead_id is None:
            return
        name, owner = either(place, event, "lead_id", self._events.named.get("lead_id"), faults)
        if owner is not None and str(owner) != lead_id:
            faults.say(place + name, "the id of the lead", owner, "Send the events of this lead alone.")

    def _ignored(self, events: list[Any] | None) -> Iterable[str]:
        unknown = {name for event in events or () for name in event if name not in self._events.known}
        for name in sorted(unknown)[:20]:
            yield f"The events' field {shown(name)} is not known, and is ignored."
