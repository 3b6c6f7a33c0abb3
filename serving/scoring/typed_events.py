"""The usual events of a request as columns, decoded into a type that is made from the champion's mapping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from features.lead_events import LeadEvents
from features.pages import DETAILS, detail_of
from features.times import parse_time
from features.vocabulary import BUYING_SIGNAL
from serving.scoring.request_events import CANONICAL
from serving.wire.values import ID_LIMIT, NAME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving.scoring.request_events import EventReader

Named = Annotated[str, Meta(max_length=NAME_LIMIT)]
Plain = str | int | float | bool | None
Moment = Annotated[datetime, Meta(tz=True)]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEARS_US = (-2_208_800_000_000_000, 7_289_500_000_000_000)
"""From 1900 to 2200, but for a few days at both ends, where the offset decides about the year."""

_SPOKEN = (*DETAILS, BUYING_SIGNAL)


class UnclearError(Exception):
    """What was sent can be understood in one way only by the careful reader, or not at all."""


class _Field:
    """One field of events, which were sent under its canonical name or the company's own."""

    def __init__(self, name: str, own: str | None) -> None:
        self._canonical = attrgetter(name)
        self._own = None if own is None else attrgetter(own)

    def of(self, events: Sequence[Any]) -> list[Any]:
        """Return the values, UNSET where an event has none. Raises UnclearError where it was sent twice."""
        sent = list(map(self._canonical, events))
        if self._own is None:
            return sent
        own = list(map(self._own, events))
        if own.count(UNSET) == len(own):
            return sent
        if any(a is not UNSET and b is not UNSET for a, b in zip(sent, own, strict=True)):
            raise UnclearError
        return [a if b is UNSET else b for a, b in zip(sent, own, strict=True)]


class TypedEvents:
    """Reads lists of events as columns, as a mapping's reader of single ones would."""

    def __init__(self, reader: EventReader, event_limit: int) -> None:
        self._reader = reader
        own = {name: said for name, said in reader.named.items() if said != name}
        self._columns = {name: f"column_{place}" for place, name in enumerate(reader.property_columns)}
        others = sorted(reader.known - CANONICAL - set(own.values()) - set(self._columns))
        moment: Any = Moment if reader.rules.time_format is None else Plain
        types: dict[str, Any] = {
            "lead_id": str | int | None,
            "event_id": Annotated[str, Meta(max_length=ID_LIMIT)] | int | float | None,
            "type": Named | None,
            "occurred_at": moment | None,
            "known_at": moment | None,
            "value": int | float | None,
        }
        sent = {f"own_{name}": (said, types[name]) for name, said in own.items()}
        sent |= {name: (name, kind) for name, kind in types.items()}
        sent |= {"properties": ("properties", dict[str, Plain] | None)}
        sent |= {field: (name, Plain) for name, field in self._columns.items()}
        sent |= {f"other_{place}": (name, Plain) for place, name in enumerate(others)}
        names = [said for said, _ in sent.values()]
        self.is_clear = len(set(names)) == len(names)
        """Whether each name means one thing. Else nothing is read here."""

        event: Any = msgspec.defstruct(
            "Event",
            [(field, kind | UnsetType, UNSET) for field, (_, kind) in sent.items()],
            rename={field: name for field, (name, _) in sent.items()},
            forbid_unknown_fields=True,
            gc=False,
        )
        self.type: Any = Annotated[list[event], Meta(max_length=event_limit)]
        fields = {name: _Field(name, f"own_{name}" if name in own else None) for name in types}
        self._owner, self._id, self._type = fields["lead_id"], fields["event_id"], fields["type"]
        self._occurred_at, self._known_at = fields["occurred_at"], fields["known_at"]
        self._value = fields["value"]
        self._sent_columns = [_Field(field, None) for field in self._columns.values()]
        self._is_decoded = reader.rules.time_format is None

    def read(self, events: Sequence[Any], lead_id: str) -> LeadEvents:
        """Return the events of a lead as columns.

        Raises UnclearError, or a ValueError, where they are not usual.
        """
        if self._owner.of(events).count(UNSET) != len(events):
            self._check_owners(events, lead_id)
        occurred_at = self._times(self._occurred_at.of(events))
        known_at = self._known_at.of(events)
        values = self._value.of(events)
        return LeadEvents(
            types=self._types(self._type.of(events)),
            occurred_at=occurred_at,
            known_at=occurred_at
            if known_at.count(UNSET) == len(known_at)
            else [
                at if moment is UNSET or moment is None else self._times([moment])[0]
                for at, moment in zip(occurred_at, known_at, strict=True)
            ],
            details=self._details(events),
            values=[None] * len(values) if values.count(UNSET) == len(values) else list(map(_number, values)),
            event_ids=[
                value if type(value) is str and value.strip() else _event_id(value)
                for value in self._id.of(events)
            ],
        )

    def _check_owners(self, events: Sequence[Any], lead_id: str) -> None:
        for owner in self._owner.of(events):
            if owner is not UNSET and owner is not None and str(owner) != lead_id:
                raise UnclearError

    def _types(self, said: list[Any]) -> list[str]:
        constant = self._reader.constant_type
        if constant is not None:
            said = [constant if kind is UNSET or kind is None else kind for kind in said]
        if UNSET in said or None in said or not all(map(str.strip, said)):
            raise UnclearError
        named = self._reader.types
        return [named.get(kind, kind) for kind in said] if named else said

    def _times(self, moments: list[Any]) -> list[int]:
        if UNSET in moments or None in moments:
            raise UnclearError
        if not self._is_decoded:
            return [parse_time(value, self._reader.rules, day_end=True) for value in moments]
        times = [(moment - _EPOCH) // _MICROSECOND for moment in moments]
        if times and (min(times) < _YEARS_US[0] or max(times) > _YEARS_US[1]):
            raise UnclearError
        return times

    def _details(self, events: Sequence[Any]) -> list[str | None]:
        if any(column.of(events).count(UNSET) != len(events) for column in self._sent_columns):
            return [self._detail_with_columns(event) for event in events]
        return [
            _detail(properties) if (properties := event.properties) else None  # UNSET is false, too
            for event in events
        ]

    def _detail_with_columns(self, event: Any) -> str | None:
        properties = dict(event.properties or {})
        for name, field in self._columns.items():
            value = getattr(event, field)
            if value is UNSET or value is None:
                continue
            if properties.get(name) is not None:
                raise UnclearError
            properties[name] = value
        return _detail(properties) if properties else None


def moment_us(moment: datetime) -> int:
    """Return a decoded moment in microseconds UTC. Raises UnclearError near the ends of the known years."""
    at = (moment - _EPOCH) // _MICROSECOND
    if not _YEARS_US[0] <= at <= _YEARS_US[1]:
        raise UnclearError
    return at


def id_of(value: Any) -> str:
    """Return an id as it was written. Raises UnclearError for what is none."""
    if type(value) is str and len(value) <= ID_LIMIT and value.strip():
        return value
    if type(value) is int and abs(value) < 2**63:
        return str(value)
    raise UnclearError


def _event_id(value: Any) -> str | None:
    return None if value is UNSET or value is None else id_of(value)


def _number(value: Any) -> float | None:
    return None if value is UNSET or value is None else float(value)


def _detail(properties: dict[str, Any]) -> str | None:
    for name in _SPOKEN:
        text = properties.get(name)
        if type(text) is str and (len(text) > NAME_LIMIT or not text.strip()):
            raise UnclearError
    return detail_of(properties)
