"""The kernel that reads events, beside the careful reader: what the fuzzed bodies seldom hold."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.key_book import MOST_KEYS
from serving.scoring import event_book, scanned_events
from serving.scoring.event_book import MOST_PAIRS, EventBook, Pages, hash_of
from serving.scoring.event_scan import MOST_EVENTS, hashed, number_at
from serving.scoring.request_events import canonical_reader
from serving.scoring.scanned_events import MOST_UNREAD, ScannedEvents, UnclearError
from serving.wire.values import Faults

AT = "2026-11-20T17:02:11Z"


def reader() -> ScannedEvents:
    return ScannedEvents(canonical_reader(), 10_000)


def read(events: list[dict[str, Any]], by: ScannedEvents | None = None, **how: Any) -> list[dict[str, Any]]:
    return (by or reader()).read(json.dumps(events, **how).encode(), "L-1").rows()


def carefully(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    faults = Faults()
    rows = [canonical_reader().read("", event, faults) for event in events]
    assert not faults
    return rows


def same(found: list[dict[str, Any]], events: list[dict[str, Any]]) -> bool:
    names = ("type", "occurred_at", "known_at", "detail", "value")
    return [[row[name] for name in names] for row in found] == [
        [row[name] for name in names] for row in carefully(events)
    ]


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,16})(\.[0-9]{1,16})?([eE][+-]?[0-9]{1,2})?", fullmatch=True))
def test_a_number_that_the_kernel_reads_is_the_nearest_float(text: str) -> None:
    is_read, number = number_at(np.frombuffer(text.encode(), np.uint8), 0, len(text))
    if is_read:
        assert np.float64(number).tobytes() == np.float64(float(text) + 0.0).tobytes()
    else:
        assert "e" in text.lower() or sum(map(str.isdigit, text)) > 15


def test_usual_numbers_are_read_by_the_kernel() -> None:
    for text in ("0", "-1", "1234.56", "0.001", "999999999999999"):
        assert number_at(np.frombuffer(text.encode(), np.uint8), 0, len(text))[0]


@given(st.binary(max_size=30))
def test_book_and_kernel_hash_alike(text: bytes) -> None:
    found = hashed(np.frombuffer(text, np.uint8), 0, len(text), np.uint64(0xCBF29CE484222325))
    assert int(found) == hash_of(text)


@pytest.mark.parametrize("how", [{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
def test_events_are_read_however_they_are_written(how: dict[str, Any]) -> None:
    events = [
        {"type": "page_view", "occurred_at": AT, "properties": {"page": "/Größe/“pricing”", "n": 1}},
        {
            "occurred_at": "2026-11-20",
            "type": "form",
            "value": "12.5",
            "known_at": "2026-11-21T00:00:00+01:00",
        },
        {"occurred_at": AT, "type": "a/b", "value": -1e3, "event_id": 7, "lead_id": "L-1"},
        {"type": "page_view", "occurred_at": AT, "properties": {"page": '/a"b\\c/d', "buying_signal": True}},
    ]
    by = reader()
    assert same(read(events, by, **how), events)
    assert same(read(events, by, **how), events)  # now that the book knows them


def test_as_many_events_as_are_usual_are_read_and_one_more_is_not() -> None:
    events = [{"type": "page_view", "occurred_at": AT, "event_id": f"e{at}"} for at in range(MOST_EVENTS)]
    assert same(read(events), events)
    with pytest.raises(UnclearError):
        read([*events, {"type": "page_view", "occurred_at": AT}])


def test_types_without_number_are_read_and_a_new_book_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanned_events, "MOST_STRANGERS", 3)
    by = reader()
    kinds = [f"kind {at}" for at in range(MOST_KEYS + 5)]
    for kind in kinds:
        events = [{"type": kind, "occurred_at": AT}, {"type": "page_view", "occurred_at": AT}]
        assert same(read(events, by), events)
    pages = [
        {"type": "page_view", "occurred_at": AT, "properties": {"page": "/x", "n": at}} for at in range(400)
    ]
    for _ in range(3):
        for start in range(0, len(pages), 40):
            assert same(read(pages[start : start + 40], by), pages[start : start + 40])


def test_a_book_that_is_full_still_tells_codes() -> None:
    book = EventBook(frozenset({"call"}))
    for at in range(MOST_PAIRS + 5):
        assert book.learn(b'"call"\n%d\n' % at, "call", None) == (0, -1, True)
    assert book.strangers == 5
    assert len(book.pages.pairs) == MOST_PAIRS


def test_events_that_are_null_or_none_are_none() -> None:
    by = reader()
    assert by.read(b"null", "L-1").size == by.read(b"[ ]", "L-1").size == 0
    with pytest.raises(UnclearError):
        by.read(b"{}", "L-1")


def test_where_keys_find_no_room_a_new_book_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanned_events, "MOST_STRANGERS", 3)
    by = reader()
    for at in range(MOST_KEYS + 5):
        read([{"type": f"kind {at}", "occurred_at": AT}], by)
    text = json.dumps([{"type": "page_view", "occurred_at": AT}]).encode()
    by.read(text, "L-1")
    assert by.read(text, "L-1").keys is by.read(text, "L-1").keys  # those of a book, not a lead's own


def test_of_many_events_that_no_book_knows_some_are_learned_and_the_careful_reader_reads() -> None:
    by = reader()
    events = [{"type": f"kind {at}", "occurred_at": AT} for at in range(3 * MOST_UNREAD)]
    with pytest.raises(UnclearError):
        read(events, by)
    for _ in range(2):  # two thirds are known now, and then all
        assert same(read(events, by), events)


def test_pages_are_written_once_for_all_that_a_body_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Pages] = []

    def counted(*parts: Any) -> Pages:
        written.append(Pages(*parts))
        return written[-1]

    monkeypatch.setattr(event_book, "Pages", counted)
    by = reader()
    events = [
        {"type": "page_view", "occurred_at": AT, "properties": {"session": f"s{at}"}}
        for at in range(MOST_UNREAD)
    ]
    for _ in range(3):
        assert same(read(events, by), events)
    assert len(written) == 2  # one without texts, and one with all
