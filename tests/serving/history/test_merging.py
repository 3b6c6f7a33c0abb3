import random
from functools import partial
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threads import in_threads

from serving.history.events import EventSent, keep_events
from serving.history.identity import StoredLead, delete_lead, find_lead, numbers_of
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import Merged, SelfMergeError, UnknownLeadError, merge_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.store.database import Store
from serving.store.schema import CHANGES, CONTACTS, EVENTS, LEADS, OUTCOMES, STALE_LEADS

NOW = 1_000_000


def put(store: Store, lead_id: str, cells: dict[str, Any], created_at: int = 1) -> int:
    sent = [LeadSent(lead_id, created_at, cells)]
    return store.write(lambda connection: keep_leads(connection, sent, 10))[0].number


def act(store: Store, *lead_ids: str) -> None:
    events = [EventSent(lead_id, "page_view", 20, f"of {lead_id}") for lead_id in lead_ids]
    store.write(lambda connection: keep_events(connection, events, 30))


def merge(store: Store, survivor: str, *others: str, now: int = NOW) -> Merged:
    return store.write(lambda connection: merge_leads(connection, survivor, others, now))


def found(store: Store, lead_id: str) -> StoredLead:
    with store.reading() as connection:
        lead = find_lead(connection, lead_id)
    assert lead is not None
    return lead


def column(store: Store, chosen: sa.ColumnElement[Any]) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(chosen).order_by(chosen)).scalars())


def test_the_survivor_has_all_that_was_known_of_the_others(store: Store) -> None:
    one = put(store, "L-1", {"country": "DE"}, created_at=9)
    put(store, "L-2", {"country": "FR", "size": 3}, created_at=5)
    put(store, "L-3", {"size": 4, "tools": ["a"]}, created_at=7)
    act(store, "L-1", "L-2", "L-3", "announced")
    merged = merge(store, "L-1", "L-2", "L-3", "announced")
    assert merged == Merged("L-1", one, ("L-2", "L-3", "announced"), ("created_at", "size", "tools"))
    lead = found(store, "L-3")
    assert (lead.lead_id, lead.number, lead.created_at) == ("L-1", one, 5)
    assert lead.cells == {"country": "DE", "size": 3, "tools": ["a"]}
    assert lead.aliases == ("L-2", "L-3", "announced")
    assert column(store, EVENTS.c.lead) == [one] * 4
    with store.reading() as connection:
        query = sa.select(CHANGES.c.column, CHANGES.c.changed_at).where(CHANGES.c.lead == one)
        assert [tuple(row) for row in connection.execute(query)] == [
            ("country", 9),
            ("size", NOW),
            ("tools", NOW),
        ]
        assert connection.execute(sa.select(sa.func.count(CHANGES.c.number))).scalar() == 7
    assert column(store, STALE_LEADS.c.lead) == [one]


def test_what_comes_for_a_merged_lead_is_the_survivors(store: Store) -> None:
    one, other = put(store, "L-1", {}), put(store, "L-2", {})
    merge(store, "L-1", "L-2")
    act(store, "L-2")
    assert put(store, "L-2", {"country": "FR"}) == one
    assert found(store, "L-1").cells == {"country": "FR"}
    assert column(store, EVENTS.c.lead) == [one]
    with store.reading() as connection:
        query = sa.select(LEADS.c.merged_into).where(LEADS.c.number == other)
        assert connection.execute(query).scalar() == one


def test_the_outcomes_of_all_say_how_the_survivor_stands(store: Store) -> None:
    put(store, "L-1", {})
    put(store, "L-2", {})
    outcomes = [OutcomeSent("L-1", "won", 5, "o-1"), OutcomeSent("L-2", "lost", 25, "o-2")]
    store.write(lambda connection: keep_outcomes(connection, outcomes, 30))
    merge(store, "L-2", "L-1")
    assert found(store, "L-2").last.standing == "won"
    assert len(set(column(store, OUTCOMES.c.lead))) == 1
    back = [OutcomeSent("L-1", "reversed", 40, "o-1")]
    store.write(lambda connection: keep_outcomes(connection, back, NOW + 1))
    assert found(store, "L-2").last.standing == "lost"


def test_an_act_of_one_reopens_what_the_other_lost(store: Store) -> None:
    put(store, "L-1", {})
    put(store, "L-2", {})
    store.write(lambda connection: keep_outcomes(connection, [OutcomeSent("L-1", "lost", 15)], 30))
    act(store, "L-2")
    merge(store, "L-1", "L-2")
    assert found(store, "L-1").last.standing == "open"


def test_contacts_that_both_had_are_the_survivors_once(store: Store) -> None:
    one, other = put(store, "L-1", {}), put(store, "L-2", {})
    rows = [(one, "a@x.example"), (other, "a@x.example"), (other, "b@x.example")]
    store.write(
        lambda connection: connection.execute(
            CONTACTS.insert(), [{"lead": lead, "kind": "email", "value": value} for lead, value in rows]
        )
    )
    merge(store, "L-1", "L-2")
    assert column(store, CONTACTS.c.value) == ["a@x.example", "b@x.example"]
    assert column(store, CONTACTS.c.lead) == [one, one]


def test_merging_again_is_harmless(store: Store) -> None:
    one = put(store, "L-1", {})
    put(store, "L-2", {"size": 1})
    merge(store, "L-1", "L-2", "L-2")
    before = found(store, "L-1")
    assert merge(store, "L-1", "L-2", now=NOW + 5) == Merged("L-1", one, (), ())
    assert merge(store, "L-2", "L-1", now=NOW + 5) == Merged("L-1", one, (), ())
    assert found(store, "L-1") == before


def test_a_survivor_that_is_merged_itself_takes_its_own_along(store: Store) -> None:
    for lead_id in ("L-1", "L-2", "L-3"):
        put(store, lead_id, {})
    merge(store, "L-2", "L-3")
    merge(store, "L-1", "L-2")
    assert found(store, "L-3").lead_id == "L-1"
    number = found(store, "L-1").number
    assert sorted(map(str, column(store, LEADS.c.merged_into))) == sorted(["None", str(number), str(number)])


def test_leads_that_are_not_there_are_named_and_nothing_is_merged(store: Store) -> None:
    put(store, "L-1", {})
    put(store, "gone", {})
    store.write(lambda connection: delete_lead(connection, "gone", NOW))
    act(store, "announced", "L-1")
    with pytest.raises(UnknownLeadError, match="'nobody', 'gone'") as told:
        merge(store, "L-1", "announced", "nobody", "gone")
    assert told.value.lead_ids == ("nobody", "gone")
    with pytest.raises(UnknownLeadError, match="'announced'"):
        merge(store, "announced", "L-1")
    assert len(set(column(store, EVENTS.c.lead))) == 2


def test_a_lead_is_not_merged_into_itself(store: Store) -> None:
    put(store, "L-1", {})
    with pytest.raises(SelfMergeError, match="'L-1'"):
        merge(store, "L-1", "L-1")


EXAMPLES = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(2, 6), st.randoms(use_true_random=False))
@pytest.mark.proof(part="merges")
def test_merges_in_any_order_leave_all_ids_and_events_at_the_survivor(
    store: Store, leads: int, shuffle: random.Random
) -> None:
    example = next(EXAMPLES)
    ids = [f"{example}-{number}" for number in range(leads)]
    # A chain, a star or anything between: each pair joins two leads that may be merged already.
    pairs = [(ids[shuffle.randrange(number)], ids[number]) for number in range(1, leads)]
    shuffle.shuffle(pairs)
    pairs = [tuple(shuffle.sample(pair, 2)) for pair in pairs]
    leads_sent = [LeadSent(lead_id, shuffle.randint(1, 9), {lead_id: True}) for lead_id in ids]
    events = [EventSent(lead_id, "page_view", 20, f"of {lead_id}") for lead_id in ids]

    def work(connection: sa.Connection) -> list[int]:
        kept = keep_leads(connection, leads_sent, 10)
        keep_events(connection, events, 30)
        for moment, (survivor, other) in enumerate(pairs):
            merge_leads(connection, survivor, [other], NOW + moment)
        assert keep_events(connection, events, NOW) == ["repeated"] * leads
        return [lead.number for lead in kept]

    numbers = store.write(work)
    with store.reading() as connection:
        survivors = [find_lead(connection, lead_id) for lead_id in ids]
        [survivor] = {lead.number: lead for lead in survivors if lead}.values()
        assert None not in survivors
        assert set(survivor.aliases) == set(ids) - {survivor.lead_id}
        assert survivor.cells == dict.fromkeys(ids, True)
        owners = connection.execute(sa.select(EVENTS.c.lead).where(EVENTS.c.lead.in_(numbers))).scalars()
        assert list(owners) == [survivor.number] * leads
        query = sa.select(LEADS.c.merged_into).where(LEADS.c.number.in_(numbers))
        merged = list(connection.execute(query).scalars())
        assert (merged.count(survivor.number), merged.count(None)) == (leads - 1, 1)
        assert survivor.created_at == min(lead.created_at or 0 for lead in leads_sent)


def test_events_and_changes_that_come_while_leads_are_merged_are_all_at_the_survivor(store: Store) -> None:
    ids = [f"L-{number}" for number in range(6)]
    for lead_id in ids:
        put(store, lead_id, {})

    def deliver(who: int) -> None:
        for number in range(5):
            events = [EventSent(ids[(who + k) % 6], "page_view", 1, f"{who} {number} {k}") for k in range(3)]
            store.write(partial(keep_events, events=events, now=NOW))
            put(store, ids[who], {f"column {who}": number})

    def join(who: int) -> None:
        merge(store, ids[who - 1], ids[who])

    in_threads(
        [*(partial(deliver, who) for who in range(6)), *(partial(join, who) for who in range(5, 0, -1))]
    )
    survivor = found(store, "L-0")
    assert column(store, EVENTS.c.lead) == [survivor.number] * 90
    assert survivor.cells == {f"column {who}": 4 for who in range(6)}
    with store.reading() as connection:
        assert set(numbers_of(connection, ids).values()) == {survivor.number}
