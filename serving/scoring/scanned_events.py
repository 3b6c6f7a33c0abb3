"""The usual events of a request as one array, read by a kernel that knows the champion's mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from features.key_book import Codes, KeyBook, codes_of
from features.lead_log import (
    DETAIL_KEY,
    FIELDS,
    IS_TOUCH,
    KEY,
    KNOWN_AT,
    NO_EVENTS,
    OCCURRED_AT,
    VALUE,
    LeadLog,
)
from features.read_only import read_only
from serving.scoring.event_book import EventBook
from serving.scoring.event_scan import (
    EVENT_ID,
    KNOWN,
    LEAST_EVENT,
    MOST_EVENTS,
    MOST_FIELDS,
    OWNER,
    PROPERTIES,
    TYPE,
    UNREAD,
    UNUSUAL,
    WHEN,
    WORTH,
    scan_events,
)
from serving.wire.strict_json import read_json
from serving.wire.values import Faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from serving.scoring.request_events import EventReader

MOST_STRANGERS = 1_000
"""After so many texts that were not kept a new book is begun: what comes now may be what stays."""

MOST_UNREAD = 32
"""Where more are to be read one by one the careful reader does it, who keeps no event loop waiting."""

_FIELDS = {
    "event_id": EVENT_ID, "type": TYPE, "occurred_at": WHEN, "known_at": KNOWN, "value": WORTH,
    "lead_id": OWNER, "properties": PROPERTIES,
}  # fmt: skip

_raw_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class UnclearError(Exception):
    """What was sent can be understood in one way only by the careful reader, or not at all."""


class ScannedEvents:
    """Reads lists of events as a mapping's reader of single ones does. Several threads may ask at once."""

    def __init__(self, reader: EventReader, event_limit: int) -> None:
        self._reader = reader
        self._limit = min(event_limit, MOST_EVENTS)
        self._columns = reader.property_columns
        self._own = {name: said for name, said in reader.named.items() if said != name}
        known = [*_FIELDS, *self._own.values(), *self._columns]
        others = sorted(reader.known - set(known))
        self._told = PROPERTIES + 1 + len(self._columns)
        fields = (
            _FIELDS
            | {said: _FIELDS[name] for name, said in self._own.items()}
            | {name: PROPERTIES + 1 + place for place, name in enumerate(self._columns)}
            | {name: self._told + place for place, name in enumerate(others)}
        )
        self.is_clear = len(known) == len(set(known)) and max(fields.values()) < MOST_FIELDS
        """Whether each name means one thing. Else nothing is read here."""

        self._names = _names_of(fields)
        self._book = EventBook(reader.touches)

    def warm_up(self) -> None:
        """Have the kernel compiled, or read from where it is kept."""
        self.read(b"[]", "")

    def read(self, raw: bytes, lead_id: str) -> LeadLog:
        """Return the events of a lead from the text of a JSON value.

        Raises UnclearError, or what the readers of JSON and of times raise, where they are not usual.
        """
        if raw[:1] != b"[":
            if raw == b"null":
                return NO_EVENTS
            raise UnclearError
        book = self._book
        held = np.empty((FIELDS + 1, len(raw) // LEAST_EVENT + 1), np.int64)
        count, unread = self._scanned(raw, lead_id, held, book)
        if not unread:
            return LeadLog(held, count, book.keys)
        try:
            self._read_some(raw, held[:, :count], book)
            if unread > MOST_UNREAD:  # the kernel looks again at all, with what was learned of some
                if self._scanned(raw, lead_id, held, book)[1] > MOST_UNREAD:
                    raise UnclearError
                self._read_some(raw, held[:, :count], book)
            log = LeadLog(held, count, book.keys)
        except KeyError:
            book.strangers += 1
            log = self._with_own_keys(read_json(raw), held)
        if book.strangers > MOST_STRANGERS:
            self._book = EventBook(self._reader.touches)
        return log

    def _scanned(self, raw: bytes, lead_id: str, held: NDArray[np.int64], book: EventBook) -> tuple[int, int]:
        count, unread = scan_events(
            np.frombuffer(raw, np.uint8), *self._names, self._told, *book.pages,
            np.frombuffer(lead_id.encode(), np.uint8), held, self._limit,
        )  # fmt: skip
        if count == UNUSUAL:
            raise UnclearError
        return count, unread

    def _read_some(self, raw: bytes, held: NDArray[np.int64], book: EventBook) -> None:
        """Read up to MOST_UNREAD events by themselves, and learn what they mean. Raises KeyError."""
        for place in np.flatnonzero(held[KEY] == UNREAD)[:MOST_UNREAD].tolist():
            text = raw[held[OCCURRED_AT, place] : held[KNOWN_AT, place]]
            row = self._row(read_json(text))
            _fill(held, place, row, book.learn(self._pair(text), row["type"], row["detail"]))

    def _with_own_keys(self, events: list[Any], held: NDArray[np.int64]) -> LeadLog:
        """Return the log of events whose keys the book has no room for."""
        if len(events) > MOST_UNREAD:
            raise UnclearError
        own = KeyBook(self._reader.touches, 2 * len(events))
        for place, event in enumerate(events):
            row = self._row(event)
            _fill(held, place, row, codes_of(own[row["type"], row["detail"]]))
        return LeadLog(held, len(events), own.keys_met())

    def _row(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as the reader of single ones reads it."""
        properties = event.get("properties")
        if properties and any(isinstance(value, dict | list) for value in properties.values()):
            raise UnclearError
        faults = Faults()
        row = self._reader.read("", event, faults)
        if faults:
            raise UnclearError
        return row

    def _pair(self, text: bytes) -> bytes:
        """Return the text that stands for an event's type and detail, as `event_scan.pair_at` compares it."""
        sent = _raw_members(text)
        of_type = sent.get("type", sent.get(self._own.get("type", ""), b""))
        said = [of_type, *(sent.get(name, b"") for name in ("properties", *self._columns))]
        return b"".join([bytes(value) + b"\n" for value in said])


def _fill(held: NDArray[np.int64], place: int, row: dict[str, Any], codes: Codes) -> None:
    held[OCCURRED_AT, place], held[KNOWN_AT, place] = row["occurred_at"], row["known_at"]
    held[KEY, place], held[DETAIL_KEY, place], held[IS_TOUCH, place] = codes
    held[VALUE].view(np.float64)[place] = np.nan if row["value"] is None else row["value"]


def _names_of(fields: Mapping[str, int]) -> Any:
    """Return where each name starts and stops in the text of all, the field that it means, and the text."""
    written = [name.encode() for name in fields]
    ends = np.cumsum([0, *map(len, written)])
    places = np.stack([ends[:-1], ends[1:], np.asarray([*fields.values()])], axis=1).astype(np.int64)
    return read_only(places, np.frombuffer(b"".join(written), np.uint8))
