"""Events as requests under /v1 describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.errors import Fault
from serving.history.events import EventSent
from serving.scoring.request_events import CANONICAL, canonical_reader, event_reader
from serving.wire.values import (
    NAME_LIMIT,
    Faults,
    either,
    json_at,
    moment_at,
    number_at,
    object_at,
    shown,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from features.mapping import Mapping
    from serving.scoring.request_events import EventReader

KNOWN_AT = "The events' known_at is not taken from requests: an event is known since it arrived."


@dataclass(frozen=True, slots=True)
class EventFields:
    """Reads events to be kept: their type and properties stay as they were sent."""

    reader: EventReader
    property_columns: tuple[str, ...]

    def read(self, event: Any, now: int, faults: Faults, owner: str | None = None) -> EventSent | None:
        """Return one event, or None where faults were added. `now` in microseconds UTC.

        `owner` is the lead that all events of the request are of, which they need not repeat.
        """
        before = len(faults)
        members = object_at("event", event, faults)
        if members is None:
            return None
        name, value = self._sent(members, "lead_id", faults)
        lead_id = text_at(name, owner if value is None else value, faults)
        if owner is not None and lead_id not in {None, owner}:
            faults.say(name, "the id of the lead", lead_id, "Send the events of this lead alone.")
        name, value = self._sent(members, "type", faults)
        value = self.reader.constant_type if value is None and self.reader.constant_type else value
        kind = text_at(name, value, faults, limit=NAME_LIMIT)
        name, value = self._sent(members, "occurred_at", faults)
        occurred_at = moment_at(name, value, self.reader.rules, now, faults, day_end=True)
        name, value = self._sent(members, "event_id", faults)
        event_id = None if value is None else text_at(name, value, faults)
        name, value = self._sent(members, "value", faults)
        amount = number_at(name, value, self.reader.numbers, faults)
        properties = self._properties(members, faults)
        if lead_id is None or kind is None or occurred_at is None or len(faults) > before:
            return None
        return EventSent(lead_id, kind, occurred_at, event_id, amount, properties)

    def ignored(self, events: Iterable[Any]) -> Iterator[str]:
        """Say which fields of events nothing is made of."""
        names = {name for event in events if isinstance(event, dict) for name in event}
        if "known_at" in names:
            yield KNOWN_AT
        for name in sorted(names - self.reader.known)[:20]:
            yield f"The events' field {shown(name)} is not known, and is ignored."

    def _sent(self, members: dict[str, Any], name: str, faults: Faults) -> tuple[str, Any]:
        return either("", members, name, self.reader.named.get(name), faults)

    def _properties(self, members: dict[str, Any], faults: Faults) -> dict[str, Any] | None:
        sent = members.get("properties")
        properties = dict(object_at("properties", sent, faults) or {}) if sent is not None else {}
        for column in self.property_columns:
            if column in CANONICAL or members.get(column) is None:
                continue
            if properties.get(column) is not None:
                said = f"either properties.{column} or {column}"
                faults.append(Fault(f"properties.{column}", said, "both", "Send one of them."))
            properties[column] = members[column]
        json_at("properties", properties, faults)
        return properties or None


def event_fields(mapping: Mapping | None) -> EventFields:
    """Return the reader of events under a champion's mapping, or under the canonical names alone."""
    if mapping is None:
        return EventFields(canonical_reader(), ())
    columns = mapping.events.properties if mapping.events is not None else ()
    return EventFields(event_reader(mapping), columns)
