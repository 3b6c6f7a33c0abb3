import sqlalchemy as sa
from sold_leads import NOW, assignments_of, keep_leads_for_sales, keep_reps, policy

from serving.jobs.assigning import LOOK_US, Assigning
from serving.selling.waiting_leads import waiting_leads
from serving.store.database import Store
from serving.store.schema import LEADS

HOUR = 3_600_000_000
AT_NIGHT = {"zone": "UTC", "hours": {"mon": "20:00-23:00"}}


def graded(store: Store, number: int, grade: str, score: int) -> None:
    said = sa.update(LEADS).where(LEADS.c.number == number).values(grade=grade, score=score)
    store.write(lambda connection: connection.execute(said) and None)


def test_a_lead_that_waits_is_given_to_whoever_comes_to_work(store: Store) -> None:
    keep_reps(store, ada=AT_NIGHT)
    [lead] = keep_leads_for_sales(store, 1)
    job = Assigning(store, policy)
    assert not job.step(NOW)
    assert not job.step(NOW + LOOK_US - 1)
    assert job.step(NOW + 6 * HOUR)
    assert assignments_of(store, lead)[-1] == ("ada", "offered")
    assert not job.step(NOW + 7 * HOUR)


def test_without_reps_nobody_is_given_anything(store: Store) -> None:
    [lead] = keep_leads_for_sales(store, 1)
    assert not Assigning(store, policy).step(NOW)
    assert assignments_of(store, lead) == []


def test_who_is_served_first(store: Store) -> None:
    first, second, third = keep_leads_for_sales(store, 3)
    [hot] = keep_leads_for_sales(store, 1, first=9, temperature="hot")
    graded(store, first, "B2", 70)
    graded(store, second, "A1", 71)
    graded(store, third, "B1", 90)
    with store.reading() as connection:
        assert waiting_leads(connection, [], 10) == [second, hot, third, first]
        assert waiting_leads(connection, [], 2) == [second, hot]
        assert waiting_leads(connection, ["sales"], 10) == []


def test_only_those_with_room_are_given_more(store: Store) -> None:
    keep_reps(store, ada={"capacity_open": 2})
    leads = keep_leads_for_sales(store, 3)
    assert Assigning(store, policy).step(NOW)
    owners = [[rep for rep, _ in assignments_of(store, lead)] for lead in leads]
    assert sorted("ada" in reps for reps in owners) == [False, True, True]


def test_who_claims_from_a_queue_is_given_nothing_from_it(store: Store) -> None:
    keep_reps(store, ada={})
    keep_leads_for_sales(store, 1)
    assert not Assigning(store, lambda: policy(claim=True)).step(NOW)
