"""The usual body of a score, read by a decoder that is made from the champion's mapping.

It takes what it understands without doubt. Of anything else it says nothing: the careful reader
(`serving.scoring.requests`) reads it again, and says what is wrong with it. Wherever this one answers, both
answer the same, to the bit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from features.events import NO_TIME
from features.times import parse_time
from serving.scoring.asked_lead import AskedLead, events_as_columns, names_beside_cells
from serving.scoring.typed_events import Moment, TypedEvents, UnclearError, id_of, moment_us
from serving.wire.values import COLUMN_LIMIT, ITEMS_LIMIT, NAME_LIMIT, TEXT_LIMIT

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.times import TimeRules
    from serving.scoring.request_events import EventReader

Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT)]
Cell = Text | int | float | bool | None | Annotated[list[Text], Meta(max_length=ITEMS_LIMIT)]

_NUMBER_LIMIT = 2**63
_FINER = re.compile(rb":\d\d\.\d{7}")
"""Times finer than microseconds, which are cut off; a decoder would round them."""


class TypedReader:
    """Reads the usual bodies of one mapping. `rules` are those of the leads' times."""

    def __init__(self, mapping: Mapping, events: EventReader, rules: TimeRules, event_limit: int) -> None:
        self._events = TypedEvents(events, event_limit)
        self._own_id = mapping.leads.id
        self._created_at = ("created_at", mapping.leads.created_at) if mapping.is_dated else None
        self._rules = rules
        self._not_cells = names_beside_cells(mapping)
        body = msgspec.defstruct(
            "Body",
            [
                ("lead", dict[Name, Cell]),
                ("events", self._events.type | None | UnsetType, UNSET),
                ("as_of", Moment | None | UnsetType, UNSET),
            ],
            forbid_unknown_fields=True,
        )
        self._decode = msgspec.json.Decoder(body).decode
        self._encode = msgspec.json.Encoder().encode

    def read(self, body: bytes, arrived_at: int) -> AskedLead | None:
        """Return the lead of a body, or None where the careful reader has to look at it.

        `arrived_at`, in microseconds UTC, is the moment of the score where the body names none.
        """
        if not self._events.is_clear or _FINER.search(body):
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
        as_of = moment_us(body.as_of) if body.as_of else arrived_at
        lead_id = id_of(_either(lead, "lead_id", self._own_id))
        created_at = NO_TIME
        if self._created_at is not None:
            created_at = self._moment(_either(lead, *self._created_at))
            if created_at > as_of:
                raise UnclearError
        if len(lead) > COLUMN_LIMIT or any(
            type(cell) is int and not -_NUMBER_LIMIT < cell < _NUMBER_LIMIT for cell in lead.values()
        ):
            raise UnclearError
        return AskedLead(
            lead_id=lead_id,
            created_at=created_at,
            as_of=as_of,
            cells={name: cell for name, cell in lead.items() if name not in self._not_cells},
            events=self._events.read(body.events, lead_id) if body.events else events_as_columns(()),
            warnings=(),
        )

    def _moment(self, value: Any) -> int:
        if self._rules.time_format is None:
            try:
                return moment_us(msgspec.convert(value, Moment))
            except (msgspec.ValidationError, UnclearError):
                pass  # a day, or a local time
        return parse_time(value, self._rules, day_end=False)


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
