from pathlib import Path

import pytest
import sqlalchemy as sa
from fake_recorder import CURRENT, put_leads, waiting
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from query_plans import about_leads, plan_of, statements_of

from serving.history.stale import (
    AGED,
    FIRST_DELAY_US,
    LONGEST_DELAY_US,
    RESCORE,
    URGENT,
    Claim,
    claim,
    mark_stale,
    put_off,
    release,
    settle,
)
from serving.jobs.sweep import sweep
from serving.store.database import Store, open_store
from serving.store.schema import LEADS, STALE_LEADS

LEASE = 100


def mark(store: Store, *numbers: int, now: int = 1, urgency: int = URGENT) -> None:
    store.write(lambda connection: mark_stale(connection, numbers, now, urgency))


def settled(store: Store, claims: list[Claim]) -> int:
    return store.write(lambda connection: settle(connection, claims))


def taken(store: Store, who: str = "a", limit: int = 100, now: int = 1) -> list[int]:
    return [one.lead for one in claim(store, who, limit, now, LEASE)]


def row(store: Store, lead: int) -> sa.Row[tuple[object, ...]]:
    with store.reading() as connection:
        return connection.execute(STALE_LEADS.select().where(STALE_LEADS.c.lead == lead)).one()


def test_a_thousand_marks_of_one_lead_are_one_row(store: Store) -> None:
    def marks(connection: sa.Connection) -> None:
        for now in range(1_000):
            mark_stale(connection, [5, 5, 6], now)

    store.write(marks)
    assert waiting(store) == [5, 6]
    assert (row(store, 5).mark, row(store, 5).since, row(store, 5).asked_at) == (1_000, 0, 999)


def test_nothing_to_mark_is_no_error(store: Store) -> None:
    mark(store)
    assert waiting(store) == []


def test_the_most_urgent_asking_counts_and_how_long_it_waits(store: Store) -> None:
    mark(store, 1, now=10, urgency=AGED)
    mark(store, 1, now=20, urgency=URGENT)
    mark(store, 1, now=30, urgency=RESCORE)
    assert (row(store, 1).urgency, row(store, 1).since, row(store, 1).mark) == (URGENT, 20, 3)


def test_the_most_urgent_are_taken_first_then_those_that_wait_longest(store: Store) -> None:
    mark(store, 1, now=1, urgency=AGED)
    mark(store, 2, now=1, urgency=RESCORE)
    mark(store, 3, now=9)
    mark(store, 4, now=8)
    assert [taken(store, limit=1) for _ in range(5)] == [[4], [3], [2], [1], []]


def test_a_claim_holds_until_its_lease_runs_out(store: Store) -> None:
    mark(store, 1)
    assert taken(store, "a", now=1) == [1]
    assert taken(store, "b", now=LEASE) == []
    assert taken(store, "b", now=LEASE + 1) == [1]


def test_who_comes_late_settles_nothing_that_others_have_taken(store: Store) -> None:
    mark(store, 1)
    late = claim(store, "a", 10, 1, LEASE)
    assert taken(store, "b", now=LEASE + 1) == [1]
    assert settled(store, late) == 0
    store.write(lambda connection: release(connection, late))
    store.write(lambda connection: put_off(connection, late, 1))
    assert (row(store, 1).claimed_by, row(store, 1).failures) == ("b", 0)


def test_a_mark_after_the_lead_was_done_with_by_another_is_kept(store: Store) -> None:
    """The row is a new one, and its count of marks may be that of the old."""
    mark(store, 1)
    late = claim(store, "a", 10, 1, LEASE)
    assert settled(store, claim(store, "b", 10, LEASE + 1, LEASE)) == 1
    mark(store, 1)
    assert settled(store, late) == 0
    assert waiting(store) == [1]


def test_a_lead_that_is_marked_while_it_is_scored_is_free_at_once(store: Store) -> None:
    mark(store, 1, 2)
    claims = claim(store, "a", 10, 1, LEASE)
    mark(store, 2)
    assert settled(store, claims) == 1
    assert taken(store, "b") == [2]


def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    mark(store, 1, 2)
    claims = claim(store, "a", 10, 1, LEASE)
    store.write(lambda connection: release(connection, claims))
    assert taken(store, "b") == [1, 2]


def test_a_lead_that_keeps_failing_is_put_off_longer_each_time_and_never_lost(store: Store) -> None:
    mark(store, 1)
    now, delays = 1, []
    for _ in range(30):
        claims = claim(store, "a", 10, now, LEASE)
        store.write(lambda connection, claims=claims, now=now: put_off(connection, claims, now))
        until = row(store, 1).claimed_until
        assert taken(store, "b", now=until - 1) == []
        delays.append(until - now)
        now = until
    assert delays[:3] == [FIRST_DELAY_US, 2 * FIRST_DELAY_US, 4 * FIRST_DELAY_US]
    assert delays[-1] == LONGEST_DELAY_US
    assert taken(store, "b", now=now) == [1]


@pytest.mark.parametrize("when", ["while it is scored", "after it was put off"])
def test_a_new_mark_frees_a_lead_that_is_put_off(store: Store, when: str) -> None:
    mark(store, 1)
    claims = claim(store, "a", 10, 1, LEASE)
    if when == "while it is scored":
        mark(store, 1)
    store.write(lambda connection: put_off(connection, claims, 1))
    if when == "after it was put off":
        mark(store, 1)
    assert taken(store, "b") == [1]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.sampled_from([1, 2, 3])),
        st.tuples(st.sampled_from(["claim", "settle", "release", "put_off"]), st.sampled_from("abc")),
        st.tuples(st.just("wait"), st.sampled_from([1, LEASE, FIRST_DELAY_US])),
    ),
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example empties the table
@given(steps=STEPS)
def test_no_mark_is_lost_in_whatever_order_things_happen(
    store: Store, steps: list[tuple[str, object]]
) -> None:
    """A lead leaves the table only when somebody has scored it after its last mark."""
    store.write(lambda connection: connection.execute(STALE_LEADS.delete()))
    now, marks, scored = 1, dict.fromkeys([1, 2, 3], 0), dict.fromkeys([1, 2, 3], 0)
    held: dict[object, list[tuple[Claim, int]]] = {"a": [], "b": [], "c": []}
    for act, what in steps:
        now += 1
        if act == "wait":
            now += int(str(what))
        elif act == "mark":
            lead = int(str(what))
            mark(store, lead, now=now)
            marks[lead] += 1
        elif act == "claim":
            held[what] = [(one, marks[one.lead]) for one in claim(store, str(what), 2, now, LEASE)]
        else:
            claims = [one for one, _ in held[what]]
            how = {"settle": settle, "release": release}.get(act)
            store.write(
                lambda connection, how=how, claims=claims, now=now: (
                    how(connection, claims) if how else put_off(connection, claims, now)
                )
            )
            if act == "settle":
                for one, seen in held[what]:
                    scored[one.lead] = max(scored[one.lead], seen)
            held[what] = []
        assert {lead for lead in marks if marks[lead] > scored[lead]} <= set(waiting(store))
    for _ in range(3):
        now += LONGEST_DELAY_US
        settled(store, claim(store, "d", 10, now, LEASE))
    assert waiting(store) == []


def test_the_sweep_finds_exactly_what_is_stale(store: Store) -> None:
    fresh = {"scored_at": 900, "scored_by": CURRENT}
    [never] = put_leads(store, 1)
    [older] = put_leads(store, 1, **fresh | {"scored_by": "leadlens 6, policy 1"})
    [newer] = put_leads(store, 1, **fresh | {"scored_by": "leadlens 8, policy 1"})
    [aged] = put_leads(store, 1, **fresh | {"scored_at": 899})
    put_leads(store, 1, **fresh)
    for hidden in (
        {"arrived_at": None},
        {"deleted_at": 5},
        {"merged_into": 1},
        {"standing": "won"},
        {"standing": "lost"},
    ):
        put_leads(store, 1, **hidden)
        put_leads(store, 1, **hidden, scored_at=1, scored_by="leadlens 6, policy 1")
    assert sweep(store, 1_000, CURRENT, 100, 1_000) == 4
    assert waiting(store) == [never, older, newer, aged]
    assert [row(store, lead).urgency for lead in waiting(store)] == [RESCORE, RESCORE, RESCORE, AGED]
    assert sweep(store, 1_000, CURRENT, 100, 1_000) == 0
    assert row(store, never).mark == 1


def test_no_more_is_swept_than_can_wait_and_the_rest_comes_later(store: Store) -> None:
    numbers = put_leads(store, 25)
    mark(store, *numbers[:3])
    swept = []
    while count := sweep(store, 1_000, CURRENT, 100, 10):
        swept.append(count)
        done = claim(store, "a", 100, 1_000, LEASE)
        assert len(done) <= 13
        scored = sa.update(LEADS).where(LEADS.c.number.in_([one.lead for one in done]))
        store.write(
            lambda connection, scored=scored: connection.execute(
                scored.values(scored_at=1_000, scored_by=CURRENT)
            )
        )
        settled(store, done)
    assert swept == [10, 10, 2]


def test_the_sweep_reads_indexes_alone(tmp_path: Path) -> None:
    """So that it takes as long among a million leads that are up to date as among a thousand."""
    store = open_store(tmp_path)
    said = statements_of(store)
    sweep(store, 1_000, CURRENT, 100, 10)
    plans = [plan_of(store, *statement) for statement in about_leads(said)]
    store.close()
    assert len(plans) == 4
    for plan in plans:
        assert "(standing=? AND scored_" in plan[0], plan
        assert plan[0].startswith("SEARCH leads USING INDEX open_leads_by_scor"), plan
