from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.cells import cell_rules
from serving.contacts import Contact
from serving.history.contacts import (
    DUPLICATES_SHOWN,
    Duplicate,
    duplicates_of,
    keep_contacts,
)
from serving.store.database import Store, open_store
from serving.store.schema import CONTACTS, LEADS

ADA, GRACE = Contact("email", "ada@acme.example"), Contact("email", "grace@acme.example")
NUMBER = Contact("phone", "+4930901820")


def leads(connection: sa.Connection, count: int, **more: int | None) -> None:
    rows = [
        {"number": number, "lead_id": f"L-{number}", "arrived_at": 1, "updated_at": 1, "cells": {}} | more
        for number in range(1, count + 1)
    ]
    connection.execute(LEADS.insert(), rows)


def kept(store: Store, contacts: dict[int, Sequence[Contact]], count: int = 8) -> None:
    def write(connection: sa.Connection) -> None:
        leads(connection, count)
        keep_contacts(connection, contacts, cell_rules())

    store.write(write)


def found(store: Store, *numbers: int) -> dict[int, list[Duplicate]]:
    with store.reading() as connection:
        return duplicates_of(connection, numbers)


def test_leads_that_share_an_address_or_a_number_are_duplicates_of_each_other(store: Store) -> None:
    kept(store, {1: [ADA, NUMBER], 2: [NUMBER], 3: [ADA], 4: [GRACE]})
    assert found(store, 1, 4, 99) == {1: [Duplicate("L-2", "phone"), Duplicate("L-3", "email")]}
    assert found(store, 2) == {2: [Duplicate("L-1", "phone")]}


def test_who_shares_both_is_named_once_by_the_address(store: Store) -> None:
    kept(store, {1: [ADA, NUMBER], 2: [NUMBER, ADA]})
    assert found(store, 1) == {1: [Duplicate("L-2", "email")]}


def test_a_value_that_many_share_names_the_first_few(store: Store) -> None:
    kept(store, {number: [ADA] for number in range(1, 9)})
    everybody = found(store, *range(1, 9))
    assert [one.lead_id for one in everybody[1]] == [f"L-{number}" for number in range(2, 7)]
    assert [one.lead_id for one in everybody[8]] == [f"L-{number}" for number in range(1, 6)]


def test_what_a_lead_no_longer_has_is_shared_no_longer(store: Store) -> None:
    kept(store, {1: [ADA, NUMBER], 2: [ADA, NUMBER]})
    store.write(lambda connection: keep_contacts(connection, {1: [GRACE, NUMBER, NUMBER]}, cell_rules()))
    assert found(store, 1) == {1: [Duplicate("L-2", "phone")]}
    store.write(lambda connection: keep_contacts(connection, {1: []}, cell_rules()))
    assert found(store, 1, 2) == {}
    with store.reading() as connection:
        assert connection.execute(sa.select(CONTACTS.c.lead).distinct()).scalars().all() == [2]


@pytest.mark.parametrize("hides", [{"deleted_at": 5}, {"merged_into": 1}, {"arrived_at": None}])
def test_leads_that_are_not_shown_are_nobody_s_duplicates(store: Store, hides: dict[str, int | None]) -> None:
    kept(store, {1: [ADA], 2: [ADA]})
    store.write(
        lambda connection: connection.execute(sa.update(LEADS).where(LEADS.c.number == 2).values(hides))
    )
    assert found(store, 1) == {}


def test_of_a_value_that_everybody_shares_only_the_first_holders_are_read(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    said: list[tuple[str, Any]] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *args: said.append(args[2:4]))
    kept(store, {number: [ADA] for number in range(1, 9)})
    said.clear()
    found(store, 1)
    [(statement, values)] = [one for one in said if "contacts_1" in one[0]]
    with store.reading() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    plan = "; ".join(step.detail for step in steps)
    assert "COVERING INDEX contacts_by_value (kind=? AND value=?)" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    store.close()


def test_a_thousand_leads_are_looked_up_in_a_handful_of_statements(store: Store) -> None:
    kept(store, {number: [Contact("phone", f"+{number // 2}")] for number in range(1, 2_501)}, count=2_500)
    statements: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    duplicates = found(store, *range(1, 1_001))
    assert duplicates[2] == [Duplicate("L-3", "phone")]
    assert len(duplicates) == 999
    assert len(statements) <= 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.integers(1, 8),
        st.lists(st.builds(Contact, st.sampled_from(["email", "phone"]), st.sampled_from("abc")), max_size=3),
    ),
    st.sets(st.integers(1, 8), max_size=3),
)
def test_duplicates_are_those_of_a_plain_search(
    store: Store, contacts: dict[int, list[Contact]], deleted: set[int]
) -> None:
    def write(connection: sa.Connection) -> None:
        connection.execute(LEADS.delete())
        connection.execute(CONTACTS.delete())
        leads(connection, 8)
        connection.execute(sa.update(LEADS).where(LEADS.c.number.in_(deleted)).values(deleted_at=1))
        keep_contacts(connection, contacts, cell_rules())

    store.write(write)
    expected: dict[int, list[Duplicate]] = {}
    for number, own in contacts.items():
        for other in sorted(contacts.keys() - deleted - {number}):
            shared = sorted({one.kind for one in own if one in contacts[other]})
            if shared:
                expected.setdefault(number, []).append(Duplicate(f"L-{other}", shared[0]))
    assert found(store, *contacts) == {one: others[:DUPLICATES_SHOWN] for one, others in expected.items()}
