"""The usual events of a request as columns, decoded into a type that is made from the champion's mapping."""

from __future__ import annotations

from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import astuple

from features.lead_events import LeadEvents
from features.moments import moments_us
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
Columns: TypeAlias = "list[tuple[Any, ...]]"
"""What events were sent with: for each field of their type its values, UNSET where one was not sent."""

_SPOKEN = (*DETAILS, BUYING_SIGNAL)
_DETAILS_KEPT = 65_536


class UnclearError(Exception):
    """What was sent can be understood in one way only by the careful reader, or not at all."""


class TypedEvents:
    """Reads lists of events as columns, as a mapping's reader of single ones would."""

    def __init__(self, reader: EventReader, event_limit: int) -> None:
        self._reader = reader
        own = {name: said for name, said in reader.named.items() if said != name}
        self._columns = {name: f"column_{place}" for place, name in enumerate(reader.property_columns)}
        others = sorted(reader.known - CANONICAL - set(own.values()) - set(self._columns))
        moment: Any = str if reader.rules.time_format is None else Plain
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

        if not self.is_clear:
            self.type: Any = list[Any]
            return
        event: Any = msgspec.defstruct(
            "Event",
            [(field, kind | UnsetType, UNSET) for field, (_, kind) in sent.items()],
            rename={field: name for field, (name, _) in sent.items()},
            forbid_unknown_fields=True,
            gc=False,
        )
        self.type = Annotated[list[event], Meta(max_length=event_limit)]
        self._width = len(sent)
        place = {field: at for at, field in enumerate(sent)}
        self._places = {name: (place[name], place.get(f"own_{name}")) for name in types}
        self._properties = place["properties"]
        self._column_places = [place[field] for field in self._columns.values()]

    def columns(self, events: Sequence[Any]) -> Columns:
        """Return the fields of events, one column for each."""
        return list(zip(*map(astuple, events), strict=True)) if events else [()] * self._width

    def moments(self, columns: Columns) -> Sequence[Any]:
        """Return when events occurred, as it was sent. Raises UnclearError where one does not say."""
        moments = self._sent("occurred_at", columns)
        if UNSET in moments or None in moments:
            raise UnclearError
        return moments

    def read(self, columns: Columns, lead_id: str, occurred_at: list[int]) -> LeadEvents:
        """Return the events of a lead as columns; `occurred_at` are their `moments`, read.

        Raises UnclearError, or a ValueError, where they are not usual.
        """
        count = len(occurred_at)
        owners = self._sent("lead_id", columns)
        if owners.count(UNSET) != count:
            _check_owners(owners, lead_id)
        known_at = self._sent("known_at", columns)
        values = self._sent("value", columns)
        return LeadEvents(
            types=self._types(self._sent("type", columns)),
            occurred_at=occurred_at,
            known_at=occurred_at if known_at.count(UNSET) == count else self._known_at(known_at, occurred_at),
            details=self._details(columns),
            values=[None] * count if values.count(UNSET) == count else list(map(_number, values)),
            event_ids=_event_ids(self._sent("event_id", columns)),
        )

    def times(self, moments: Sequence[Any]) -> list[int]:
        """Return moments of events in microseconds UTC. Raises ValueError where one is none."""
        times = moments_us(moments)
        if times is None:
            times = [parse_time(moment, self._reader.rules, day_end=True) for moment in moments]
        return times

    def _sent(self, name: str, columns: Columns) -> Sequence[Any]:
        """Return a field of events, sent under its canonical name or the company's own.

        UNSET stands where an event has none. Raises UnclearError where it was sent twice.
        """
        place, own_place = self._places[name]
        sent = columns[place]
        if own_place is None:
            return sent
        own = columns[own_place]
        if sent.count(UNSET) == len(sent):
            return own
        if any(a is not UNSET and b is not UNSET for a, b in zip(sent, own, strict=True)):
            raise UnclearError
        return [a if b is UNSET else b for a, b in zip(sent, own, strict=True)]

    def _known_at(self, known_at: Sequence[Any], occurred_at: Sequence[int]) -> list[int]:
        said = [moment is not UNSET and moment is not None for moment in known_at]
        times = iter(self.times(list(compress(known_at, said))))
        return [next(times) if is_said else at for is_said, at in zip(said, occurred_at, strict=True)]

    def _types(self, said: Sequence[Any]) -> list[str]:
        constant = self._reader.constant_type
        if constant is not None:
            said = [constant if kind is UNSET or kind is None else kind for kind in said]
        distinct = set(said)
        if UNSET in distinct or None in distinct or not all(map(str.strip, distinct)):
            raise UnclearError
        named = self._reader.types
        return [named.get(kind, kind) for kind in said] if named else list(said)

    def _details(self, columns: Columns) -> list[str | None]:
        properties = columns[self._properties]
        for place in self._column_places:
            if columns[place].count(UNSET) != len(properties):
                beside = zip(*(columns[place] for place in self._column_places), strict=True)
                return [self._detail_beside(said, *own) for said, own in zip(properties, beside, strict=True)]
        return [_detail(said) if said else None for said in properties]  # UNSET is false, too

    def _detail_beside(self, said: dict[str, Any] | UnsetType | None, *own: Any) -> str | None:
        """Return the detail that properties say and columns of the same names, which stand beside them."""
        properties = dict(said) if said else {}
        for name, value in zip(self._columns, own, strict=True):
            if value is UNSET or value is None:
                continue
            if properties.get(name) is not None:
                raise UnclearError
            properties[name] = value
        return _detail(properties)


def id_of(value: Any) -> str:
    """Return an id as it was written. Raises UnclearError for what is none."""
    if type(value) is str and len(value) <= ID_LIMIT and value.strip():
        return value
    if type(value) is int and abs(value) < 2**63:
        return str(value)
    raise UnclearError


def _check_owners(owners: Sequence[Any], lead_id: str) -> None:
    for owner in owners:
        if owner is not UNSET and owner is not None and str(owner) != lead_id:
            raise UnclearError


def _event_ids(sent: Sequence[Any]) -> list[str | None]:
    try:
        if all(map(str.strip, sent)):
            return list(sent)
    except TypeError:  # not all are texts
        pass
    return [None if value is UNSET or value is None else id_of(value) for value in sent]


def _number(value: Any) -> float | None:
    return None if value is UNSET or value is None else float(value) + 0.0  # as the careful reader: no -0.0


def _detail(properties: dict[str, Any]) -> str | None:
    if len(properties) == 1:
        [(name, text)] = properties.items()
        if type(text) is str:
            return _detail_of(name, text)
    for name in _SPOKEN:
        text = properties.get(name)
        if type(text) is str and (len(text) > NAME_LIMIT or not text.strip()):
            raise UnclearError
    return detail_of(properties)


@lru_cache(_DETAILS_KEPT)
def _detail_of(name: str, text: str) -> str | None:
    """Return what an event was about of which one property speaks: the same few come in most bodies."""
    if name not in _SPOKEN:
        return None
    if len(text) > NAME_LIMIT or not text.strip():
        raise UnclearError
    return detail_of({name: text})
