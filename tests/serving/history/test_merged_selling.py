from typing import Any

import sqlalchemy as sa
from decided_leads import decide, decisions_of, stages_of, state_of

from serving.history.identity import delete_lead
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import merge_leads
from serving.selling.said import feedback
from serving.selling.said.answers import keep_answers
from serving.selling.standing.how_leads_stand import held_of
from serving.selling.standing.sales_stages import set_stage
from serving.store.database import Store
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, REP_CONTACTS, TIMERS

NOW = 1_795_253_400_000_000


def put(store: Store, *lead_ids: str) -> list[int]:
    sent = [LeadSent(lead_id, NOW, {}) for lead_id in lead_ids]
    return [kept.number for kept in store.write(lambda connection: keep_leads(connection, sent, NOW))]


def assign(store: Store, lead: int, rep: str | None, at: int) -> None:
    row = {
        "id": f"a-{lead}", "lead": lead, "rep": rep, "queue": "sales", "state": "offered", "segments": {},
        "assigned_at": at, "by": "policy", "trace": {},
    }  # fmt: skip
    timer = {
        "id": f"t-{lead}", "lead": lead, "assignment": f"a-{lead}", "kind": "first_contact",
        "counted_in": "wall", "due_at": at + 9, "due_by_wall": at + 9, "made_at": at,
    }  # fmt: skip

    def assigned(connection: sa.Connection) -> None:
        connection.execute(ASSIGNMENTS.insert().values(row))
        connection.execute(TIMERS.insert().values(timer))
        connection.execute(sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == lead).values(owner=rep))

    store.write(assigned)


def merge(store: Store, survivor: str, *others: str) -> None:
    store.write(lambda connection: merge_leads(connection, survivor, others, NOW + 100))


def rows(store: Store, table: sa.Table, *names: str) -> list[tuple[Any, ...]]:
    with store.reading() as connection:
        columns = [table.c[name] for name in names]
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(table.c.id))]


def test_what_people_said_of_the_others_is_said_of_the_survivor(store: Store) -> None:
    one, other = put(store, "L-1", "L-2")
    decide(store, [one, other], NOW, acts=1)

    def said(connection: sa.Connection) -> None:
        keep_answers(connection, one, {"budget": "yes"}, NOW, NOW, author="rep-1")
        keep_answers(connection, other, {"budget": "no", "need": "yes"}, NOW + 1, NOW + 1, author="rep-2")
        feedback.disqualified(connection, other, "spam", "made up", "rep-2", NOW + 2)
        feedback.reinstated(connection, other, "student", "she has a job", "rep-2", NOW + 2)

    store.write(said)
    merge(store, "L-1", "L-2")
    with store.reading() as connection:
        held = held_of(connection, [one], NOW + 200)[one]
    assert held.bant == {"budget": "no", "need": "yes"}
    assert held.lifted == ("student",)
    assert held.ruled_out is not None
    assert (held.stage, state_of(store, other)) == ("IQL", None)
    assert [len(decisions_of(store, number)) for number in (one, other)] == [1, 1]
    assert stages_of(store, other) == [("IQL", None, NOW, NOW + 100, "policy")]


def test_the_survivor_is_as_far_as_sales_brought_any_of_them(store: Store) -> None:
    one, other = put(store, "L-1", "L-2")
    decide(store, [one, other], NOW, acts=1)
    store.write(
        lambda connection: set_stage(
            connection, other, "opportunity", "proposal", NOW + 1, at=NOW + 1, author="rep-1", because="met"
        )
    )
    merge(store, "L-1", "L-2")
    decide(store, [one], NOW + 200, acts=1)
    assert (state_of(store, one).stage, state_of(store, one).substage) == ("opportunity", "proposal")


def test_one_rep_keeps_the_merged_lead_and_what_is_due_of_the_other_is_not(store: Store) -> None:
    one, other, third = put(store, "L-1", "L-2", "L-3")
    decide(store, [one, other, third], NOW, acts=1)
    assign(store, one, None, NOW)
    assign(store, other, "rep-2", NOW + 2)
    assign(store, third, "rep-3", NOW + 3)
    merge(store, "L-1", "L-2", "L-3")
    told = rows(store, ASSIGNMENTS, "lead", "rep", "state")
    assert told == [(one, None, "closed"), (one, "rep-2", "offered"), (one, "rep-3", "closed")]
    cancelled = rows(store, TIMERS, "lead", "cancelled_at")
    assert cancelled == [(one, NOW + 100), (one, None), (one, NOW + 100)]
    assert state_of(store, one).owner == "rep-2"


def test_a_survivor_of_which_nothing_is_decided_yet_has_the_first_qualification(store: Store) -> None:
    one, other = put(store, "L-1", "L-2")
    yes = {"bant_budget": "yes", "bant_need": "yes", "bant_timeline": "yes"}
    decide(store, [other], NOW, attributes=yes)
    merge(store, "L-1", "L-2")
    assert state_of(store, one).qualified_at == NOW
    decide(store, [one], NOW + 200, attributes=yes)
    assert (state_of(store, one).qualified_at, len(decisions_of(store, one))) == (NOW, 1)


def test_a_survivor_of_which_nothing_is_decided_yet_is_its_reps(store: Store) -> None:
    one, first, second = put(store, "L-1", "L-2", "L-3")
    decide(store, [first, second], NOW, acts=1)
    assign(store, second, "rep-2", NOW)
    merge(store, "L-1", "L-2", "L-3")
    assert state_of(store, one).owner == "rep-2"


def test_a_contact_that_was_noted_with_both_leads_is_one(store: Store) -> None:
    one, other = put(store, "L-1", "L-2")
    told = {"rep": "rep-1", "at": NOW, "known_at": NOW, "channel": "phone", "outcome": "reached"}
    contacts = [
        told | {"id": "c-1", "lead": one, "assignment": None},
        told | {"id": "c-2", "lead": other, "assignment": "a-2"},
        told | {"id": "c-3", "lead": other, "assignment": "a-2", "at": NOW + 1},
    ]
    store.write(lambda connection: connection.execute(REP_CONTACTS.insert(), contacts))
    merge(store, "L-1", "L-2")
    assert rows(store, REP_CONTACTS, "id", "lead") == [("c-2", one), ("c-3", one)]


def test_nobody_has_a_deleted_lead(store: Store) -> None:
    [one] = put(store, "L-1")
    decide(store, [one], NOW, acts=1)
    assign(store, one, "rep-1", NOW)
    store.write(lambda connection: delete_lead(connection, "L-1", NOW + 5))
    assert rows(store, ASSIGNMENTS, "state", "ended_at") == [("closed", NOW + 5)]
    assert rows(store, TIMERS, "cancelled_at") == [(NOW + 5,)]
    assert state_of(store, one).owner is None
