"""The usual body of a score, read by a decoder that is made from the champion's mapping.

It takes what it understands without doubt. Of anything else it says nothing: the careful reader
(`serving.scoring.requests`) reads it again, and says what is wrong with it. Wherever this one answers, both
answer the same, to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from features.events import NO_TIME
from features.lead_log import NO_EVENTS
from features.moments import moments_us
from features.one_lead import OneLead
from features.times import TimeRules, parse_time
from serving.scoring.asked_lead import names_beside_cells
from serving.scoring.scanned_events import ScannedEvents, UnclearError
from serving.wire.problems import ProblemError
from serving.wire.values import COLUMN_LIMIT, ID_LIMIT, ITEMS_LIMIT, NAME_LIMIT, TEXT_LIMIT

if TYPE_CHECKING:
    from features.mapping import Mapping
    from serving.scoring.request_events import EventReader

Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT)]
Cell = Text | int | float | bool | None | Annotated[list[Text], Meta(max_length=ITEMS_LIMIT)]

_NUMBER_LIMIT = 2**63


class _Body(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A body with its parts as they were written."""

    lead: Raw
    events: Raw | UnsetType = UNSET
    as_of: str | UnsetType | None = UNSET


_parts_of = msgspec.json.Decoder(_Body).decode
_lead_of = msgspec.json.Decoder(dict[Name, Cell]).decode
_encode = msgspec.json.Encoder().encode


class TypedReader:
    """Reads the usual bodies of one mapping. `rules` are those of the leads' times."""

    def __init__(self, mapping: Mapping, events: EventReader, rules: TimeRules, event_limit: int) -> None:
        self._events = ScannedEvents(events, event_limit)
        self._own_id = mapping.leads.id
        self._created_at = ("created_at", mapping.leads.created_at) if mapping.is_dated else None
        self._rules = rules
        self._as_of_rules = TimeRules(zone=rules.zone)
        self._not_cells = names_beside_cells(mapping)
        self.warm_up()

    def warm_up(self) -> None:
        """Read something, so that no request waits for a compiler."""
        moments_us(["2026-01-01T00:00:00Z"])
        self._events.warm_up()

    def read(self, body: bytes, arrived_at: int) -> OneLead | None:
        """Return the lead of a body, or None where the careful reader has to look at it.

        `arrived_at`, in microseconds UTC, is the moment of the score where the body names none.
        """
        if not self._events.is_clear:
            return None
        try:
            if not body.isascii():
                body.decode()
            return self._read(body, arrived_at)
        except (UnclearError, ProblemError, msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            return None

    def _read(self, body: bytes, arrived_at: int) -> OneLead:
        parts = _parts_of(body)
        written, said = bytes(parts.lead), parts.as_of
        events = None if parts.events is UNSET else bytes(parts.events)
        lead: dict[str, Any] = _lead_of(written)
        if _texts_in(written) != _texts_in(_encode(lead)) or _is_more(body, written, events, said):
            raise UnclearError  # a name was sent twice, of which a decoder takes the last
        lead_id = id_of(_either(lead, "lead_id", self._own_id))
        as_of, created_at = self._times(
            None if said is UNSET else said,
            None if self._created_at is None else _either(lead, *self._created_at),
        )
        as_of = arrived_at if as_of is None else as_of
        if created_at > as_of or len(lead) > COLUMN_LIMIT:
            raise UnclearError
        not_cells = self._not_cells
        cells: dict[str, Any] = {}
        for name, cell in lead.items():
            if type(cell) is int and not -_NUMBER_LIMIT < cell < _NUMBER_LIMIT:
                raise UnclearError
            if name not in not_cells:
                cells[name] = cell
        log = NO_EVENTS if events is None else self._events.read(events, lead_id)
        return OneLead(lead_id, created_at, as_of, cells, log)

    def _times(self, as_of: str | None, created: Any) -> tuple[int | None, int]:
        """Return the moment of the score where it is named, and of the creation.

        Raises ValueError where one is no time.
        """
        said = [moment for moment in (as_of, created) if moment is not None]
        if self._created_at is not None and created is None:
            raise UnclearError
        times = moments_us(said)
        if times is not None:
            created_at = NO_TIME if self._created_at is None else times.pop()
            return None if as_of is None else times.pop(), created_at
        return (
            None if as_of is None else parse_time(as_of, self._as_of_rules, day_end=True),
            NO_TIME if self._created_at is None else parse_time(created, self._rules, day_end=False),
        )


def id_of(value: Any) -> str:
    """Return an id as it was written. Raises UnclearError for what is none."""
    if type(value) is str and len(value) <= ID_LIMIT and value.strip():
        return value
    if type(value) is int and abs(value) < _NUMBER_LIMIT:
        return str(value)
    raise UnclearError


def _either(lead: dict[str, Any], name: str, own: str | None) -> Any:
    if own is None or own == name or own not in lead:
        return lead.get(name)
    if name in lead:
        raise UnclearError
    return lead[own]


def _is_more(body: bytes, lead: bytes, events: bytes | None, as_of: str | UnsetType | None) -> bool:
    """Return whether a body holds more than these three parts, each with its name once.

    Raises UnclearError where it holds what a quote may hide behind.
    """
    size = len(lead) + len(_AROUND)
    if events is not None:
        size += len(events) + len(_EVENTS)
    if as_of is None:
        size += len(_AS_OF) + len("null")
    elif as_of is not UNSET:
        size += len(_AS_OF) + len(as_of) + 2
    if b"\\" not in body and size == len(body):
        return False
    names = 1 + (events is not None) + (as_of is not UNSET)
    texts = 2 * (names + isinstance(as_of, str))
    return _texts_in(body) != texts + _texts_in(lead) + (0 if events is None else _texts_in(events))


_AROUND, _EVENTS, _AS_OF = b'{"lead":}', b',"events":', b',"as_of":'


def _texts_in(written: bytes) -> int:
    """Return how many quotes begin or end a text in JSON: two for each name, and two for each text.

    Raises UnclearError for NUL, which is refused, and where a backslash is written, after which a quote may
    mean either.
    """
    quotes = written.count(b'"')
    if b"\\" not in written:
        return quotes
    if b"\\\\" in written or b"\\u0000" in written:
        raise UnclearError
    return quotes - written.count(b'\\"')
