from functools import partial

import sqlalchemy as sa
from threads import in_threads

from serving.history.identity import find_lead, held, locked, numbers_of
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import merge_leads
from serving.store.database import Store
from serving.store.dialects import in_batches
from serving.store.schema import LEADS


def put(store: Store, *lead_ids: str) -> list[int]:
    sent = [LeadSent(lead_id, 1, {}) for lead_id in lead_ids]
    return [kept.number for kept in store.write(lambda connection: keep_leads(connection, sent, 10))]


def test_an_id_that_was_never_heard_of_leads_nowhere_until_it_is_announced(store: Store) -> None:
    [number] = put(store, "L-1")
    with store.reading() as connection:
        assert numbers_of(connection, ["L-1", "L-2", "L-1"]) == {"L-1": number}
    first = store.write(lambda connection: numbers_of(connection, ["L-1", "L-2", "L-3"], 20))
    again = store.write(lambda connection: numbers_of(connection, ["L-1", "L-2", "L-3"], 30))
    assert first == again
    assert first.keys() == {"L-1", "L-2", "L-3"}
    with store.reading() as connection:
        assert find_lead(connection, "L-2") is None


def test_ids_are_told_apart_to_the_letter(store: Store) -> None:
    ids = ["l-1", "L-1", "L-1 ", "007", "7", "é", "e\u0301", "'; DROP TABLE leads; --", "%", "_"]
    assert len(set(put(store, *ids))) == len(ids)
    with store.reading() as connection:
        assert [lead.lead_id for lead_id in ids if (lead := find_lead(connection, lead_id))] == ids


def test_more_ids_than_one_statement_takes_are_found(store: Store) -> None:
    ids = [f"L-{number}" for number in range(33_000)]
    numbers = store.write(lambda connection: numbers_of(connection, ids, 10))
    assert numbers.keys() == set(ids)
    assert len(set(numbers.values())) == len(ids)
    assert len(store.write(lambda connection: locked(connection, numbers.values(), LEADS.c.number))) == len(
        ids
    )


def test_values_come_in_lists_of_the_size_asked_for_each_once() -> None:
    assert list(in_batches([3, 1, 3, 2, 1], size=2)) == [[3, 1], [2]]
    assert list(in_batches([])) == []


def test_a_lead_that_is_held_is_as_it_was_written_last(store: Store) -> None:
    """Those who read, count up and write take turns, in whatever order they name the leads."""
    numbers = put(store, "L-1", "L-2", "L-3")

    def count_up(who: int) -> None:
        ids = ["L-1", "L-2", "L-3"][:: 1 if who % 2 else -1]

        def work(connection: sa.Connection) -> None:
            held(connection, ids)
            rows = locked(connection, reversed(numbers), LEADS.c.score)
            for number in reversed(numbers):
                of = sa.update(LEADS).where(LEADS.c.number == number)
                connection.execute(of.values(score=(rows[number].score or 0) + 1))

        for _ in range(5):
            store.write(work)

    in_threads([partial(count_up, who) for who in range(6)])
    with store.reading() as connection:
        assert list(connection.execute(sa.select(LEADS.c.score)).scalars()) == [30] * 3


def test_a_merged_lead_is_not_held_its_survivor_is(store: Store) -> None:
    one, other = put(store, "L-1", "L-2")
    store.write(lambda connection: merge_leads(connection, "L-1", ["L-2"], 20))
    assert store.write(lambda connection: held(connection, ["L-2"])) == {"L-2": one}
    assert store.write(lambda connection: locked(connection, [one, other])).keys() == {one}
