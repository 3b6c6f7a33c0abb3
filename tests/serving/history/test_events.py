import random
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threads import in_threads

from serving.history.events import EventSent, EventState, keep_events
from serving.history.identity import delete_lead, find_lead, numbers_of
from serving.history.leads import LeadSent, keep_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.store.database import Store
from serving.store.schema import EVENTS, LEADS, STALE_LEADS

NOW = 1_000
VISIT = EventSent("L-1", "page_view", 500, "e-1", 2.5, {"page": "pricing", "deep": [1, {"a": None}]})


def keep(store: Store, *events: EventSent, now: int = NOW) -> list[EventState]:
    return store.write(lambda connection: keep_events(connection, events, now))


def rows_of(store: Store) -> list[dict[str, Any]]:
    with store.reading() as connection:
        rows = connection.execute(sa.select(EVENTS).order_by(EVENTS.c.number)).mappings()
        return [dict(row) for row in rows]


def marked(store: Store) -> set[int]:
    with store.reading() as connection:
        return set(connection.execute(sa.select(STALE_LEADS.c.lead)).scalars())


def standing(store: Store, lead_id: str) -> str:
    with store.reading() as connection:
        query = sa.select(LEADS.c.standing).where(
            LEADS.c.number == numbers_of(connection, [lead_id])[lead_id]
        )
        return str(connection.execute(query).scalar_one())


def test_an_event_is_kept_as_it_was_sent_and_known_on_arrival(store: Store) -> None:
    assert keep(store, VISIT, replace(VISIT, event_id=None, known_at=7)) == ["kept", "kept"]
    first, second = sorted(rows_of(store), key=lambda row: row["event_id"] is None)
    assert first == {
        "number": first["number"],
        "lead": first["lead"],
        "occurred_at": 500,
        "known_at": NOW,
        "type": "page_view",
        "event_id": "e-1",
        "value": 2.5,
        "properties": {"page": "pricing", "deep": [1, {"a": None}]},
    }
    assert (second["known_at"], second["event_id"]) == (7, None)
    assert marked(store) == {first["lead"]}


def test_an_event_of_a_lead_that_nobody_sent_announces_it(store: Store) -> None:
    keep(store, VISIT)
    with store.reading() as connection:
        assert find_lead(connection, "L-1") is None
        assert numbers_of(connection, ["L-1", "L-2"]).keys() == {"L-1"}


def test_the_same_again_is_repeated_however_it_is_written(store: Store) -> None:
    keep(store, VISIT)
    again = replace(VISIT, properties={"deep": [1.0, {"a": None}], "page": "pricing"}, known_at=3)
    assert keep(store, again, VISIT, now=NOW + 1) == ["repeated", "repeated"]
    assert [row["known_at"] for row in rows_of(store)] == [NOW]


@pytest.mark.parametrize(
    "change",
    [
        {"lead_id": "L-2"},
        {"type": "page_visit"},
        {"occurred_at": 501},
        {"value": None},
        {"value": 2.25},
        {"properties": None},
        {"properties": {"page": "pricing", "deep": [True, {"a": None}]}},
        {"properties": {"page": "pricing"}},
    ],
)
def test_other_content_under_an_id_differs_and_what_was_first_stays(
    store: Store, change: dict[str, Any]
) -> None:
    other = replace(VISIT, **change)
    assert keep(store, VISIT, other) == ["kept", "differs"]
    before = rows_of(store)
    assert keep(store, other, now=NOW + 1) == ["differs"]
    assert rows_of(store) == before
    assert marked(store) == {before[0]["lead"]}


def test_events_without_an_id_are_all_kept(store: Store) -> None:
    one = replace(VISIT, event_id=None)
    assert keep(store, one, one) == ["kept", "kept"]
    assert keep(store, one) == ["kept"]
    assert len(rows_of(store)) == 3


def test_events_of_a_deleted_lead_are_kept_and_it_stays_deleted(store: Store) -> None:
    store.write(lambda connection: keep_leads(connection, [LeadSent("L-1", 1, {})], NOW))
    store.write(lambda connection: delete_lead(connection, "L-1", NOW))
    assert keep(store, VISIT) == ["kept"]
    with store.reading() as connection:
        assert find_lead(connection, "L-1") is None


def test_an_act_reopens_a_lost_lead_and_a_touch_does_not(store: Store) -> None:
    lost = OutcomeSent("L-1", "lost", 600)
    store.write(lambda connection: keep_outcomes(connection, [lost], NOW))
    assert standing(store, "L-1") == "lost"
    keep(store, EventSent("L-1", "sales_call", 700))
    keep(store, EventSent("L-1", "page_view", 600))
    keep(store, EventSent("L-1", "page_view", NOW + 1))
    assert standing(store, "L-1") == "lost"
    keep(store, EventSent("L-1", "page_view", 601))
    assert standing(store, "L-1") == "open"


def test_what_counts_as_a_touch_is_for_the_caller_to_say(store: Store) -> None:
    store.write(lambda connection: keep_outcomes(connection, [OutcomeSent("L-1", "lost", 600)], NOW))
    letter = EventSent("L-1", "Letter", 700)
    store.write(lambda connection: keep_events(connection, [letter], NOW, frozenset({"Letter"})))
    assert standing(store, "L-1") == "lost"
    store.write(lambda connection: keep_events(connection, [letter], NOW))
    assert standing(store, "L-1") == "open"


def test_no_events_are_no_work(store: Store) -> None:
    assert keep(store) == []


EVENT = st.builds(
    EventSent,
    lead_id=st.sampled_from(["one", "other"]),
    type=st.sampled_from(["page_view", "sales_call"]),
    occurred_at=st.integers(0, 3),
    event_id=st.none(),
)
EXAMPLES = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(EVENT, min_size=1, max_size=8), st.randoms(use_true_random=False))
@pytest.mark.proof(part="events-once")
def test_any_order_and_repetition_of_batches_keeps_each_event_once(
    store: Store, events: list[EventSent], shuffle: random.Random
) -> None:
    example = next(EXAMPLES)
    named = [
        replace(event, lead_id=f"{event.lead_id}-{example}", event_id=f"{example}-{number}")
        for number, event in enumerate(events)
    ]
    deliveries = [*named, *shuffle.choices(named, k=8)]
    shuffle.shuffle(deliveries)
    states: list[EventState] = []
    while deliveries:
        size = shuffle.randint(1, 6)
        batch, deliveries = deliveries[:size], deliveries[size:]
        states += keep(store, *batch)
    assert (states.count("kept"), states.count("repeated")) == (len(named), 8)
    with store.reading() as connection:
        leads = numbers_of(connection, {event.lead_id for event in named})
        query = sa.select(EVENTS.c.event_id, EVENTS.c.lead, EVENTS.c.type, EVENTS.c.occurred_at)
        rows = connection.execute(query.where(EVENTS.c.lead.in_(leads.values()))).all()
    assert sorted(map(tuple, rows)) == sorted(
        (event.event_id, leads[event.lead_id], event.type, event.occurred_at) for event in named
    )


def in_an_order(size: int, who: int) -> list[int]:
    """Each begins elsewhere, and every second one goes backwards."""
    numbers = [(number + 7 * who) % size for number in range(size)]
    return numbers[::-1] if who % 2 else numbers


def test_many_who_deliver_the_same_at_one_time_keep_each_event_once(store: Store) -> None:
    # The leads of one id differ, so that no lock on a lead makes them wait for one another.
    def deliver(who: int) -> None:
        events = [EventSent(f"L-{who}", "page_view", 1, f"e-{number}") for number in in_an_order(20, who)]
        for start in range(0, 20, 5):
            states.extend(keep(store, *events[start : start + 5]))

    states: list[EventState] = []
    in_threads([partial(deliver, who) for who in range(6)])
    assert len(rows_of(store)) == 20
    assert {state: states.count(state) for state in set(states)} == {"kept": 20, "differs": 100}


def test_many_who_announce_the_same_leads_at_one_time_announce_each_once(store: Store) -> None:
    def deliver(who: int) -> None:
        leads = [f"L-{number}" for number in in_an_order(30, who)]
        for start in range(0, 30, 10):
            keep(store, *(EventSent(lead, "page_view", 1) for lead in leads[start : start + 10]))

    in_threads([partial(deliver, who) for who in range(6)])
    with store.reading() as connection:
        assert len(numbers_of(connection, [f"L-{number}" for number in range(30)])) == 30
        assert connection.execute(sa.select(sa.func.count(LEADS.c.number))).scalar() == 30
    assert len(rows_of(store)) == 180
