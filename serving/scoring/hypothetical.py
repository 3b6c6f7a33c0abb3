"""A caller's own events that might come: as those of a request, at the moment of the score unless told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault
from models.what_if import sent_events
from models.what_if.hypothesis import touch_types
from serving.scoring.request_events import event_reader
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import Faults, shown

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from models.what_if import Hypothesis

HYPOTHETICAL_EVENTS = 50
"""So many events of a caller's own are foretold at once."""


def hypotheses_of(
    members: dict[str, Any], mapping: Mapping, spec: FeatureSpec, as_of: int
) -> list[Hypothesis]:
    """Return what the members `events` and `together` of a body ask. `as_of` in microseconds UTC.

    An event is known when it happens, whatever it says. Raises ProblemError (422) with every fault found.
    """
    faults = Faults()
    together = members.get("together")
    if not isinstance(together, bool | None):
        faults.say("together", "true or false", together, "Send true, or leave it out.")
    rows = _rows(members.get("events"), mapping, as_of, faults)
    if faults:
        raise ProblemError(invalid(faults))
    return sent_events(rows, spec, touch_types(mapping), together=bool(together))


def ignored_fields(events: Any, mapping: Mapping) -> list[str]:
    """Return in words which fields of events (a list of objects) are not known."""
    known = event_reader(mapping).known
    unknown = {name for event in events or () for name in event if name not in known}
    return [f"The events' field {shown(name)} is not known, and is ignored." for name in sorted(unknown)[:20]]


def _rows(events: Any, mapping: Mapping, as_of: int, faults: Faults) -> list[dict[str, Any]]:
    if events is None:
        return []
    if not isinstance(events, list):
        faults.say("events", "a list of events", events, "Send a list in brackets.")
        return []
    if len(events) > HYPOTHETICAL_EVENTS:
        expected = f"at most {HYPOTHETICAL_EVENTS} events"
        faults.append(Fault("events", expected, f"{len(events)}", "Send them in several requests."))
        return []
    reader = event_reader(mapping)
    rows = []
    for place, event in enumerate(events):
        row = reader.read(f"events[{place}]", event, faults, default_at=as_of)
        at = row.get("occurred_at")
        if at is not None and at > as_of:
            faults.append(
                Fault(
                    f"events[{place}].occurred_at",
                    f"a time at or before the moment of the score, {rfc_3339(as_of)}",
                    rfc_3339(at),
                    "Leave it out: then it happens at that moment.",
                )
            )
        rows.append({**row, "known_at": at, "event_id": None})
    return rows
