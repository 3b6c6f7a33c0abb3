"""The usual body of a score, read by a decoder that is made from the champion's mapping.

It takes what it understands without doubt. Of anything else it says nothing: the careful reader
(`serving.scoring.requests`) reads it again, and says what is wrong with it. Wherever this one answers, both
answer the same, to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from features.events import NO_TIME
from features.moments import moments_us
from features.times import TimeRules, parse_time
from serving.scoring.asked_lead import AskedLead, events_as_columns, names_beside_cells
from serving.scoring.typed_events import TypedEvents, UnclearError, id_of
from serving.wire.values import COLUMN_LIMIT, ITEMS_LIMIT, NAME_LIMIT, TEXT_LIMIT

if TYPE_CHECKING:
    from features.mapping import Mapping
    from serving.scoring.request_events import EventReader
    from serving.scoring.typed_events import Columns

Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT)]
Cell = Text | int | float | bool | None | Annotated[list[Text], Meta(max_length=ITEMS_LIMIT)]

_NUMBER_LIMIT = 2**63


class TypedReader:
    """Reads the usual bodies of one mapping. `rules` are those of the leads' times."""

    def __init__(self, mapping: Mapping, events: EventReader, rules: TimeRules, event_limit: int) -> None:
        self._events = TypedEvents(events, event_limit)
        self._own_id = mapping.leads.id
        self._created_at = ("created_at", mapping.leads.created_at) if mapping.is_dated else None
        self._rules = rules
        self._as_of_rules = TimeRules(zone=rules.zone)
        self._not_cells = names_beside_cells(mapping)
        body = msgspec.defstruct(
            "Body",
            [
                ("lead", dict[Name, Cell]),
                ("events", self._events.type | None | UnsetType, UNSET),
                ("as_of", str | None | UnsetType, UNSET),
            ],
            forbid_unknown_fields=True,
        )
        self._decode = msgspec.json.Decoder(body).decode
        self._encode = msgspec.json.Encoder().encode
        moments_us(["2026-01-01T00:00:00Z"])  # no request is to wait for a compiler

    def read(self, body: bytes, arrived_at: int) -> AskedLead | None:
        """Return the lead of a body, or None where the careful reader has to look at it.

        `arrived_at`, in microseconds UTC, is the moment of the score where the body names none.
        """
        if not self._events.is_clear:
            return None
        try:
            read = self._decode(body)
            if _texts_in(body) != _texts_in(self._encode(read)):
                return None  # a name was sent twice, of which a decoder takes the last
            return self._lead(read, arrived_at)
        except (UnclearError, msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            return None

    def _lead(self, body: Any, arrived_at: int) -> AskedLead:
        lead: dict[str, Any] = body.lead
        events = self._events.columns(body.events or ())  # UNSET is false, too
        lead_id = id_of(_either(lead, "lead_id", self._own_id))
        created = None if self._created_at is None else _either(lead, *self._created_at)
        occurred_at, as_of, created_at = self._times(
            events, None if body.as_of is UNSET else body.as_of, created
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
        return AskedLead(
            lead_id=lead_id,
            created_at=created_at,
            as_of=as_of,
            cells=cells,
            events=self._events.read(events, lead_id, occurred_at) if occurred_at else events_as_columns(()),
            warnings=(),
        )

    def _times(self, events: Columns, as_of: str | None, created: Any) -> tuple[list[int], int | None, int]:
        """Return when events occurred, the moment of the score where it is named, and of the creation.

        Raises UnclearError or ValueError where one is no time. All that are moments are read at once.
        """
        moments = self._events.moments(events)
        said = [
            *moments,
            *(() if as_of is None else (as_of,)),
            *(() if self._created_at is None else (created,)),
        ]
        times = moments_us(said)
        if times is not None:
            created_at = NO_TIME if self._created_at is None else times.pop()
            return times, None if as_of is None else times.pop(), created_at
        return (
            self._events.times(moments),
            None if as_of is None else parse_time(as_of, self._as_of_rules, day_end=True),
            NO_TIME if self._created_at is None else parse_time(created, self._rules, day_end=False),
        )


def _either(lead: dict[str, Any], name: str, own: str | None) -> Any:
    if own is None or own == name or own not in lead:
        return lead.get(name)
    if name in lead:
        raise UnclearError
    return lead[own]


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
