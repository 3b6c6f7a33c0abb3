import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import InputError
from serving.history.events import EventSent, keep_events
from serving.history.happenings import KINDS, REASONS_TOLD, Absorbed, Acted, Changed, Ended, Scored
from serving.history.identity import find_lead
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import merge_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.history.timeline import Change, HistoryPage, TimelinePage, history, timeline
from serving.store.database import Store
from serving.store.schema import CHANGES, EVENTS, LEADS, LEDGER_HEADERS, LEDGER_PAYLOADS, OUTCOMES

NOW = 1_800_000_000_000_000
HOUR = 3_600_000_000
Read = Callable[..., HistoryPage] | Callable[..., TimelinePage]


def put(store: Store, lead_id: str, cells: dict[str, Any], now: int) -> int:
    sent = LeadSent(lead_id, now - 2 * HOUR, cells)
    return store.write(lambda connection: keep_leads(connection, [sent], now))[0].number


def write_record(connection: sa.Connection, lead: int, at: int, record_id: str) -> None:
    reasons = [{"text": f"Reason {place}", "family": "fit"} for place in range(1, 6)]
    answer = {
        "score": 87, "probability": 0.2, "grade": "A2", "rung": "model", "advice": {"action": "route"},
        "reasons": [*reasons[:1], {"text": "not known or small", "family": None}, *reasons[1:]],
    }  # fmt: skip
    header = {
        "id": record_id, "recorded_at": at, "as_of": at - 5, "model_name": "leadlens", "model_version": 7,
        "policy_sha256": "p", "payload_sha256": "d",
    }  # fmt: skip
    payload = {
        "id": record_id, "lead": lead, "salt": b"", "answer": json.dumps(answer), "vector": b"",
        "contributions": b"", "margin": 0.0, "expected_margin": 0.0,
    }  # fmt: skip
    connection.execute(LEDGER_HEADERS.insert().values(header))
    connection.execute(LEDGER_PAYLOADS.insert().values(payload))


def recorded(store: Store, lead: int, at: int, record_id: str) -> None:
    store.write(lambda connection: write_record(connection, lead, at, record_id))


def read(store: Store, way: Read, number: int, **more: Any) -> Any:
    with store.reading() as connection:
        return way(connection, number, **more)


def all_of(store: Store, way: Read, number: int, limit: int = 2) -> Iterator[Any]:
    cursor = None
    while True:
        page = read(store, way, number, cursor=cursor, limit=limit)
        shown = page.changes if isinstance(page, HistoryPage) else page.happenings
        assert len(shown) == limit or page.next is None
        yield from shown
        cursor = page.next
        if cursor is None:
            return


def test_every_value_that_a_column_took_is_told_the_newest_first(store: Store) -> None:
    number = put(store, "L-1", {"country": "DE", "size": 1}, NOW)
    put(store, "L-1", {"country": None, "size": 2}, NOW + 5)
    assert list(all_of(store, history, number)) == [
        Change("size", NOW + 5, 2, None),
        Change("country", NOW + 5, None, None),
        Change("size", NOW, 1, None),
        Change("country", NOW, "DE", None),
    ]


def test_what_was_known_of_a_merged_lead_is_told_with_its_id(store: Store) -> None:
    first, number = put(store, "old", {"size": 1}, NOW), put(store, "L-1", {"country": "DE"}, NOW + 1)
    recorded(store, first, NOW + 2, "r1")
    store.write(lambda connection: merge_leads(connection, "L-1", ["old"], NOW + 9))
    assert list(all_of(store, history, number)) == [
        Change("size", NOW + 9, 1, None),
        Change("country", NOW + 1, "DE", None),
        Change("size", NOW, 1, "old"),
    ]
    told = list(all_of(store, timeline, number))
    assert told[:2] == [Absorbed(NOW + 9, "old"), Changed(NOW + 9, None, {"size": 1})]
    assert (told[2].lead_id, told[2].record_id) == ("old", "r1")
    assert told[3:] == [Changed(NOW + 1, None, {"country": "DE"}), Changed(NOW, "old", {"size": 1})]


def test_the_moment_of_a_merge_stays_when_the_survivor_is_merged_in_turn(store: Store) -> None:
    for at, name in enumerate(("a", "b", "c")):
        put(store, name, {}, NOW + at)
    store.write(lambda connection: merge_leads(connection, "b", ["a"], NOW + 10))
    store.write(lambda connection: merge_leads(connection, "c", ["b"], NOW + 20))
    with store.reading() as connection:
        lead = find_lead(connection, "a")
    assert lead is not None
    merges = [told for told in all_of(store, timeline, lead.number) if isinstance(told, Absorbed)]
    assert merges == [Absorbed(NOW + 20, "b"), Absorbed(NOW + 10, "a")]


def test_all_that_happened_is_told_in_one_order(store: Store) -> None:
    number = put(store, "L-1", {"country": "DE", "size": 1}, NOW)
    event = EventSent("L-1", "page_view", NOW + 1, "e-1", 2.5, {"page": "pricing"})
    store.write(lambda connection: keep_events(connection, [event], NOW + 2))
    for outcome, now in (("lost", NOW + 3), ("won", NOW + 4)):
        sent = OutcomeSent("L-1", outcome, NOW + 3, "o-1", None)
        store.write(lambda connection, sent=sent, now=now: keep_outcomes(connection, [sent], now))
    recorded(store, number, NOW + 3, "r1")
    told = list(all_of(store, timeline, number))
    reasons = ("Reason 1", "Reason 2", "Reason 3")
    assert told == [
        Scored(NOW + 3, None, "r1", NOW - 2, 87, 0.2, "A2", "model", "route", "leadlens", 7, reasons),
        Ended(NOW + 3, "won", "o-1", None, NOW + 4, None),
        Ended(NOW + 3, "lost", "o-1", None, NOW + 3, NOW + 4),
        Acted(NOW + 1, "page_view", "e-1", 2.5, {"page": "pricing"}, NOW + 2),
        Changed(NOW, None, {"country": "DE", "size": 1}),
    ]  # fmt: skip
    assert len(told[0].reasons) == REASONS_TOLD


def test_a_score_whose_payload_was_erased_is_told_no_more(store: Store) -> None:
    number = put(store, "L-1", {}, NOW)
    recorded(store, number, NOW + 1, "r1")
    recorded(store, number, NOW + 2, "r2")
    erased = sa.delete(LEDGER_PAYLOADS).where(LEDGER_PAYLOADS.c.id == "r1")
    store.write(lambda connection: connection.execute(erased))
    assert [told.record_id for told in all_of(store, timeline, number)] == ["r2"]


@pytest.mark.parametrize("way", [history, timeline])
def test_a_cursor_of_another_lead_or_of_the_other_list_is_refused(store: Store, way: Read) -> None:
    number, other = (put(store, name, {"size": 1, "country": "DE"}, NOW) for name in ("L-1", "L-2"))
    store.write(lambda connection: keep_leads(connection, [LeadSent("L-1", None, {"size": 2})], NOW + 1))
    cursor = read(store, way, number, limit=1).next
    for another in ((way, other), (timeline if way is history else history, number)):
        with pytest.raises(InputError, match="cursor: expected"):
            read(store, *another, cursor=cursor)
    with pytest.raises(InputError, match="limit: expected 1 to 200"):
        read(store, way, number, limit=201)


def test_of_a_lead_of_which_nothing_is_known_nothing_is_told(store: Store) -> None:
    assert read(store, history, 1) == HistoryPage((), None)
    assert read(store, timeline, 1) == TimelinePage((), None)


RECORDS = count()
MOMENT = st.integers(0, 3)
WORLD = st.lists(
    st.tuples(st.sampled_from([kind.name for kind in KINDS]), MOMENT, st.sampled_from([1, 2, 3])), max_size=12
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(WORLD, st.integers(1, 4))
@pytest.mark.proof(part="timeline")
def test_the_pages_of_a_timeline_are_those_of_a_plain_list(
    store: Store, world: list[tuple[str, int, int]], limit: int
) -> None:
    """Lead 1, and lead 2 that was merged into it; what is of lead 3 is not told."""
    store.write(lambda connection: write_world(connection, world))
    found = list(all_of(store, timeline, 1, limit))
    assert len({repr(one) for one in found}) == len(found)
    told = [(name_of(one), one.at) for one in found]
    ranks = [kind.name for kind in KINDS]
    own = [(kind, at, lead) for kind, at, lead in world if lead in {1, 2} and kind != "merge"]
    moments = [(kind, at) for kind, at, _ in own if kind != "change"]
    moments += [("change", at) for _, at, _ in {one for one in own if one[0] == "change"}]
    moments.append(("merge", 2))
    assert told == sorted(moments, key=lambda one: (-one[1], ranks.index(one[0])))


def name_of(happening: Any) -> str:
    kinds = {Scored: "score", Absorbed: "merge", Ended: "outcome", Acted: "event", Changed: "change"}
    return kinds[type(happening)]


def write_world(connection: sa.Connection, world: list[tuple[str, int, int]]) -> None:
    for table in (LEADS, CHANGES, EVENTS, OUTCOMES, LEDGER_PAYLOADS):
        connection.execute(table.delete())
    for number, into in ((1, None), (2, 1), (3, None)):
        merged = {"merged_into": into, "merged_at": into and 2}
        lead = {"number": number, "lead_id": f"L-{number}", "arrived_at": 1, "updated_at": 1, "cells": {}}
        connection.execute(LEADS.insert().values(lead | merged))
    for place, (kind, at, lead) in enumerate(world):
        if kind == "change":
            connection.execute(CHANGES.insert().values(lead=lead, column=f"c{place}", changed_at=at, value=1))
        elif kind == "event":
            connection.execute(
                EVENTS.insert().values(lead=lead, occurred_at=at, known_at=at, type=f"x{place}")
            )
        elif kind == "outcome":
            row = {
                "lead": lead,
                "occurred_at": at,
                "known_at": at,
                "outcome": "won",
                "outcome_id": f"o{place}",
            }
            connection.execute(OUTCOMES.insert().values(row))
        elif kind == "score":
            write_record(connection, lead, at, f"r{next(RECORDS):08}")
