"""The events of a request, under the canonical names or the company's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.cells import cell_rules
from features.errors import Fault
from features.mapping import Constant
from features.pages import DETAILS, PROPERTIES, detail_of
from features.times import TimeRules
from features.vocabulary import BUYING_SIGNAL, TOUCH_TYPES
from serving.wire.values import NAME_LIMIT, Faults, either, number_at, object_at, text_at, time_at

if TYPE_CHECKING:
    from features.cells import CellRules
    from features.mapping import Events, Mapping

CANONICAL = frozenset({"lead_id", "event_id", "type", "occurred_at", "known_at", "value", "properties"})


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads events as the champion's mapping understands them; naive times are local to its zone."""

    named: dict[str, str]
    types: dict[str, str]
    constant_type: str | None
    property_columns: tuple[str, ...]
    touches: frozenset[str]
    rules: TimeRules
    numbers: CellRules
    known: frozenset[str]

    def read(
        self, where: str, event: Any, faults: Faults, *, default_at: int | None = None
    ) -> dict[str, Any]:
        """Return one event as `features.events.event_log_of_rows` takes it; faults are added to `faults`.

        `default_at`: when it occurred where that is not said; None: that has to be said. Microseconds UTC.
        """
        members = object_at(where, event, faults)
        if members is None:
            return {}
        place = where + "."
        name, kind = self._sent(place, members, "type", faults)
        kind = self.constant_type if kind is None and self.constant_type is not None else kind
        said = text_at(place + name, kind, faults, limit=NAME_LIMIT)
        occurred_at = self._time(place, members, "occurred_at", faults, required=default_at is None)
        occurred_at = default_at if occurred_at is None else occurred_at
        known_at = self._time(place, members, "known_at", faults, required=False)
        name, event_id = self._sent(place, members, "event_id", faults)
        value_name, value = self._sent(place, members, "value", faults)
        return {
            "type": self.types.get(said, said) if said is not None else None,
            "occurred_at": occurred_at,
            "known_at": occurred_at if known_at is None else known_at,
            "detail": self._detail(place, members, faults),
            "value": number_at(place + value_name, value, self.numbers, faults),
            "event_id": None if event_id is None else text_at(place + name, event_id, faults),
        }

    def _sent(self, place: str, members: dict[str, Any], name: str, faults: Faults) -> tuple[str, Any]:
        return either(place, members, name, self.named.get(name), faults)

    def _time(
        self, place: str, members: dict[str, Any], name: str, faults: Faults, *, required: bool
    ) -> int | None:
        sent, value = self._sent(place, members, name, faults)
        if value is None and not required:
            return None
        return time_at(place + sent, value, self.rules, faults, day_end=True)

    def _detail(self, place: str, members: dict[str, Any], faults: Faults) -> str | None:
        """Return what the event was about: its properties, sent together or under the company's columns."""
        sent = members.get("properties")
        properties = dict(object_at(place + "properties", sent, faults) or {}) if sent is not None else {}
        for column in self.property_columns:
            if members.get(column) is None:
                continue
            if properties.get(column) is not None:
                said = f"either properties.{column} or {column}"
                faults.append(Fault(f"{place}properties.{column}", said, "both", "Send one of them."))
            properties[column] = members[column]
        for name in (*DETAILS, BUYING_SIGNAL):
            if properties.get(name) is not None and not isinstance(properties[name], bool | int | float):
                text_at(f"{place}properties.{name}", properties[name], faults, limit=NAME_LIMIT)
        return detail_of(properties)


def canonical_reader(zone: str = "UTC") -> EventReader:
    """Return the reader of events under their canonical names; naive times are local to `zone`."""
    return EventReader({}, {}, None, (), TOUCH_TYPES, TimeRules(zone=zone), cell_rules(), CANONICAL)


def event_reader(mapping: Mapping) -> EventReader:
    """Return the reader for a company's events. Without an [events] section, canonical names alone count."""
    events = mapping.events
    zone = mapping.training.time_zone
    if events is None:
        return canonical_reader(zone)
    named = _own_names(events)
    return EventReader(
        named=named,
        types=dict(events.types),
        constant_type=events.type.constant if isinstance(events.type, Constant) else None,
        property_columns=tuple(name for name in PROPERTIES if name in events.properties),
        touches=frozenset(events.touches) | TOUCH_TYPES,
        rules=TimeRules(events.time_format, zone),
        numbers=cell_rules(decimal=mapping.leads.decimal),
        known=CANONICAL | set(named.values()) | set(events.properties),
    )


def _own_names(events: Events) -> dict[str, str]:
    own: dict[str, Any] = {
        "lead_id": events.lead_id,
        "occurred_at": events.occurred_at,
        "type": events.type,
        "event_id": events.event_id,
        "known_at": events.known_at,
        "value": events.value,
    }
    return {name: column for name, column in own.items() if isinstance(column, str)}
