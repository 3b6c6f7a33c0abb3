from typing import Any

import pytest
import sqlalchemy as sa
from sold_leads import NOW, assignments_of, keep_leads_for_sales, keep_reps, policy, write

from serving.jobs.assigning import LOOK_US, PUT_OFF_US, Assigning
from serving.selling.giving.assigning import assign
from serving.selling.giving.reps import set_status
from serving.store.database import Store
from serving.store.schema import LEADS, STALE_LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

POLICY = policy()


@pytest.fixture
def job(store: Store) -> Assigning:
    return Assigning(store, lambda: POLICY)


def set_leads(store: Store, number: int, **values: Any) -> None:
    changed = sa.update(LEADS).where(LEADS.c.number == number).values(values)
    store.write(lambda connection: connection.execute(changed) and None)


def served(store: Store) -> list[int]:
    with store.reading() as connection:
        query = sa.select(ASSIGNMENTS.c.lead).where(ASSIGNMENTS.c.rep.is_not(None))
        return list(connection.execute(query.order_by(ASSIGNMENTS.c.lead)).scalars())


def test_who_waits_is_served_when_somebody_has_room_the_best_first(store: Store, job: Assigning) -> None:
    keep_reps(store, ana={"capacity_open": 0})
    leads = keep_leads_for_sales(store, 4)
    for lead in leads:
        write(store, assign, lead, POLICY, NOW)
    set_leads(store, 2, score=99)
    set_leads(store, 3, score=50, grade="A1")
    hot = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == 4).values(temperature="hot")
    store.write(lambda connection: connection.execute(hot) and None)
    assert not job.step(NOW)
    for room in (1, 2, 3):
        keep_reps(store, ana={"capacity_open": room})
        assert not job.step(NOW + PUT_OFF_US * room - 1)  # they were tried less than a minute ago
        assert job.step(NOW + PUT_OFF_US * room)
        assert served(store) == sorted([3, 4, 2][:room])


def test_leads_of_nobody_are_found_unless_they_are_decided_on_again(store: Store, job: Assigning) -> None:
    keep_reps(store, ana={})
    keep_leads_for_sales(store, 3)
    keep_leads_for_sales(store, 1, first=4, action="nurture")
    set_leads(store, 2, standing="won")
    stale = {"lead": 3, "urgency": 0, "since": NOW, "asked_at": NOW}
    store.write(lambda connection: connection.execute(STALE_LEADS.insert(), stale) and None)
    assert job.step(NOW)
    assert served(store) == [1]
    assert not job.step(NOW + LOOK_US)


def test_who_has_left_and_leads_that_are_over_make_room(store: Store, job: Assigning) -> None:
    keep_reps(store, ana={}, ben={})
    first, second = keep_leads_for_sales(store, 2)
    made = {lead: write(store, assign, lead, POLICY, NOW).rep for lead in (first, second)}
    write(store, set_status, made[first], "left", NOW)
    set_leads(store, second, standing="lost")
    assert job.step(NOW + 1)
    assert assignments_of(store, first) == [(made[first], "reassigned"), (made[second], "offered")]
    assert assignments_of(store, second) == [(made[second], "closed")]
    assert not job.step(NOW + 2)


def test_a_queue_from_which_reps_claim_is_left_to_them(store: Store) -> None:
    claimed = policy(claim=True)
    keep_reps(store, ana={})
    [lead] = keep_leads_for_sales(store, 1)
    job = Assigning(store, lambda: claimed)
    assert job.step(NOW)
    assert assignments_of(store, lead) == [(None, "waiting")]
    assert not job.step(NOW + LOOK_US)
