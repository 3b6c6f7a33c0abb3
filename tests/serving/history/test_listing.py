import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from query_plans import about_leads, plan_of, statements_of

from features.errors import InputError
from serving.history import walks
from serving.history.listing import LeadPage, LeadQuery, Order, asked_of, list_leads
from serving.store.database import Store, open_store
from serving.store.paging import write_cursor
from serving.store.schema import ALIASES, LEADS

Lead = dict[str, Any]
SMALL = st.integers(0, 4)
STANDINGS = st.sampled_from(["open", "won", "lost"])


def a_lead(number: int, **more: Any) -> Lead:
    lead = {
        "number": number, "lead_id": f"L-{number}", "created_at": 1, "arrived_at": 1,
        "updated_at": 1, "touched_at": 1,
        "cells": {}, "deleted_at": None, "merged_into": None,
        "standing": "open", "score": None, "grade": None, "action": None,
    }  # fmt: skip
    return lead | more


def scored(score: int | None) -> Lead:
    if score is None:
        return {"score": None, "grade": None, "action": None}
    return {"score": score, "grade": "DCBA"[score % 4] + "1", "action": "route" if score > 2 else "nurture"}


LEAD = st.builds(
    lambda created, updated, standing, score, hidden: {
        "created_at": created, "touched_at": updated, "standing": standing, **scored(score), **hidden,
    },
    st.none() | SMALL, SMALL, STANDINGS, st.none() | SMALL,
    st.sampled_from([{}, {}, {}, {}, {"deleted_at": 1}, {"arrived_at": None}, {"merged_into": 1}]),
)  # fmt: skip
# Hypothesis likes short lists: half of these are long enough to be walked along.
SOME = st.lists(LEAD, max_size=14) | st.lists(LEAD, min_size=10, max_size=20)
FILTER = st.one_of(
    st.just({}),
    st.builds(lambda standing: {"standing": standing}, STANDINGS),
    st.builds(lambda low: {"score_from": low}, SMALL),
    st.builds(lambda low, more: {"score_from": low, "score_to": low + more}, SMALL, SMALL),
    st.sampled_from([{"grades": ("A1",)}, {"grades": ("A1", "B1")}, {"grades": ("D9",)}]),
    st.sampled_from([{"action": "route"}, {"action": "nurture"}]),
    st.builds(lambda low, more: {"created_from": low, "created_to": low + more}, SMALL, SMALL),
    st.builds(lambda high: {"created_to": high}, SMALL),
    st.builds(lambda low: {"updated_since": low}, SMALL),
)
QUERIES = st.builds(
    lambda order, limit, one, other: LeadQuery(order=order, limit=limit, **one | other),
    st.sampled_from(["created", "updated", "score"]), st.integers(1, 4), FILTER, FILTER,
)  # fmt: skip


def write(store: Store, leads: list[Lead], *, anew: bool = False) -> None:
    def work(connection: sa.Connection) -> None:
        if anew:
            connection.execute(LEADS.delete())
        if leads:
            connection.execute(LEADS.insert(), leads)

    store.write(work)


def page(store: Store, query: LeadQuery) -> LeadPage:
    with store.reading() as connection:
        return list_leads(connection, query)


def pages(store: Store, query: LeadQuery, between: Callable[[], None] = lambda: None) -> Iterator[LeadPage]:
    while True:
        found = page(store, query)
        yield found
        if found.next is None:
            return
        between()
        query = replace(query, cursor=found.next)


def within(value: int | None, low: int | None, high: int | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def plain_list(leads: list[Lead], query: LeadQuery) -> list[str]:
    """What a list in memory gives."""
    key = {"created": "created_at", "updated": "touched_at", "score": "score"}[query.order]
    sign = 1 if query.order == "updated" else -1
    fit = [
        lead
        for lead in leads
        if lead["arrived_at"] is not None and lead["deleted_at"] is None and lead["merged_into"] is None
        and query.standing in {None, lead["standing"]}
        and within(lead["score"], query.score_from, query.score_to)
        and (not query.grades or lead["grade"] in query.grades)
        and query.action in {None, lead["action"]}
        and within(lead["created_at"], query.created_from, query.created_to)
        and within(lead["touched_at"], query.updated_since, None)
    ]  # fmt: skip
    fit.sort(key=lambda lead: (lead[key] is None, sign * (lead[key] or 0), sign * lead["number"]))
    return [lead["lead_id"] for lead in fit]


@pytest.fixture(params=["walks", "stretches"])
def short_stretches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walks as they are in a small store; and in a large one, given up early for another index."""
    if request.param == "stretches":
        monkeypatch.setattr(walks, "_STRETCH", 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(SOME, QUERIES)
@pytest.mark.proof(part="listing")
def test_pages_are_those_of_a_plain_list(
    store: Store, short_stretches: None, leads: list[Lead], query: LeadQuery
) -> None:
    rows = [a_lead(number, **lead) for number, lead in enumerate(leads, start=1)]
    write(store, rows, anew=True)
    found = [[lead.lead_id for lead in page.leads] for page in pages(store, query)]
    expected = plain_list(rows, query)
    assert [lead_id for page in found for lead_id in page] == expected
    assert all(len(page) == query.limit for page in found[:-1])
    assert len(found) == max(1, -(-len(expected) // query.limit))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(SOME, st.lists(LEAD, max_size=6), QUERIES, st.data())
@pytest.mark.proof(part="listing")
def test_leads_that_stay_come_exactly_once_whatever_comes_in_or_goes_meanwhile(
    store: Store,
    short_stretches: None,
    leads: list[Lead],
    new: list[Lead],
    query: LeadQuery,
    data: st.DataObject,
) -> None:
    rows = [a_lead(number, **lead) for number, lead in enumerate(leads, start=1)]
    coming = [a_lead(number, **lead) for number, lead in enumerate(new, start=len(rows) + 1)]
    gone = data.draw(
        st.sets(st.sampled_from([row["number"] for row in rows]), max_size=3) if rows else st.just(set())
    )
    write(store, rows, anew=True)

    def meanwhile() -> None:
        if coming:
            write(store, [coming.pop()])
        leaves = sa.update(LEADS).where(LEADS.c.number.in_(gone)).values(deleted_at=9)
        store.write(lambda connection: connection.execute(leaves))

    found = [lead.lead_id for page in pages(store, query, meanwhile) for lead in page.leads]
    assert len(found) == len(set(found))
    stayed = plain_list([row for row in rows if row["number"] not in gone], query)
    assert [lead_id for lead_id in found if lead_id in set(stayed)] == stayed


def test_a_lead_that_changes_otherwise_keeps_its_place(store: Store) -> None:
    write(store, [a_lead(number, created_at=number, score=5) for number in range(1, 7)])

    def rescore() -> None:
        store.write(lambda connection: connection.execute(sa.update(LEADS).values(score=LEADS.c.score + 1)))

    query = LeadQuery(order="created", limit=2, score_from=3)
    found = [lead.lead_id for page in pages(store, query, rescore) for lead in page.leads]
    assert found == ["L-6", "L-5", "L-4", "L-3", "L-2", "L-1"]


def test_a_lead_that_is_updated_meanwhile_comes_again_at_the_end(store: Store) -> None:
    write(store, [a_lead(number, touched_at=number) for number in range(1, 5)])
    first = page(store, LeadQuery(order="updated", limit=2))
    store.write(
        lambda connection: connection.execute(
            sa.update(LEADS).where(LEADS.c.number == 1).values(touched_at=9)
        )
    )
    rest = page(store, LeadQuery(order="updated", cursor=first.next))
    assert [lead.lead_id for lead in (*first.leads, *rest.leads)] == ["L-1", "L-2", "L-3", "L-4", "L-1"]


def test_a_listed_lead_is_told_whole(store: Store) -> None:
    write(store, [a_lead(1, cells={"country": "DE"}, score=87, grade="A2", action="route", scored_at=3)])
    aliases = [{"lead_id": name, "lead": 1} for name in ("L-1", "old-2", "old-1")]
    store.write(lambda connection: connection.execute(ALIASES.insert(), aliases))
    [lead] = page(store, LeadQuery()).leads
    last = lead.last
    assert (lead.cells, last.score, last.grade, last.action, last.scored_at) == (
        {"country": "DE"},
        87,
        "A2",
        "route",
        3,
    )
    assert lead.aliases == ("old-1", "old-2")


def test_without_leads_there_is_one_empty_page(store: Store) -> None:
    assert page(store, LeadQuery()) == LeadPage((), None)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_1_to_200_leads(store: Store, limit: int) -> None:
    with pytest.raises(InputError, match="limit: expected 1 to 200"):
        page(store, LeadQuery(limit=limit))


@pytest.mark.parametrize(
    "other",
    [{"order": "score"}, {"standing": "open"}, {"grades": ("A1",)}, {"score_to": 3}, {"created_from": 0}],
)
def test_a_cursor_of_another_question_is_refused(store: Store, other: dict[str, Any]) -> None:
    write(store, [a_lead(number) for number in range(1, 4)])
    query = LeadQuery(limit=1)
    cursor = page(store, query).next
    with pytest.raises(InputError, match="cursor: expected the `next` of the page before"):
        page(store, replace(query, cursor=cursor, **other))


def test_a_cursor_goes_on_with_another_limit_and_with_the_grades_in_another_order(store: Store) -> None:
    write(store, [a_lead(number, grade="A1", created_at=number) for number in range(1, 5)])
    first = page(store, LeadQuery(limit=1, grades=("A1", "B1")))
    rest = page(store, LeadQuery(limit=9, grades=("B1", "A1", "B1"), cursor=first.next))
    assert [lead.lead_id for lead in rest.leads] == ["L-3", "L-2", "L-1"]


def test_a_cursor_that_was_changed_anywhere_is_refused(store: Store) -> None:
    write(store, [a_lead(number) for number in range(1, 4)])
    cursor = page(store, LeadQuery(limit=1)).next
    assert cursor is not None
    changed = [
        cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(len(cursor))
    ]
    for damaged in (*changed, cursor[:-1], cursor + "A", cursor + "=", cursor + "\n", "", "é", "A" * 5_000):
        with pytest.raises(InputError, match="cursor: expected"):
            page(store, LeadQuery(limit=1, cursor=damaged))


def test_a_cursor_is_text_that_an_address_can_carry(store: Store) -> None:
    write(store, [a_lead(number, created_at=None) for number in range(1, 4)])
    cursor = page(store, LeadQuery(limit=1)).next or ""
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).endswith(b"[null,3]")


FILTERS: list[dict[str, Any]] = [
    {}, {"standing": "open"}, {"score_from": 1}, {"score_from": 1, "score_to": 2}, {"grades": ("A1", "B2")},
    {"action": "route"}, {"created_from": 1}, {"created_to": 1}, {"updated_since": 1},
]  # fmt: skip
INDEXES = {"created": "leads_by_creation", "updated": "leads_by_update", "score": "leads_by_score"}


@pytest.mark.parametrize("order", INDEXES)
def test_every_page_is_found_along_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    monkeypatch.setattr(walks, "_STRETCH", 3)
    store = open_store(tmp_path)
    said = statements_of(store)
    write(store, [a_lead(number, created_at=number) for number in range(1, 9)])
    for one, other in product(FILTERS, FILTERS):
        query = LeadQuery(order=order, limit=2, **one | other)
        for after in ((3, 4), (None, 4), None):
            if after and after[0] is None and not unknown_last(query):
                continue
            cursor = after and write_cursor(asked_of(query), after)
            said.clear()
            page(store, replace(query, cursor=cursor))
            plans = ["; ".join(plan_of(store, *statement)) for statement in about_leads(said)]
            assert not any("SCAN leads" in plan and "leads_by_" not in plan for plan in plans), plans
            along = [plan for plan in plans if INDEXES[order] in plan]
            assert along, plans
            assert not any("TEMP B-TREE" in plan for plan in along), along
            if after is not None:
                assert all("SEARCH" in plan for plan in along if "count" not in plan), along
    store.close()


def unknown_last(query: LeadQuery) -> bool:
    """Whether those without a key are among what fits."""
    own = {"created": (query.created_from, query.created_to), "score": (query.score_from, query.score_to)}
    return own.get(query.order) == (None, None)


def test_one_index_alone_begins_with_how_leads_stand_and_holds_all_of_them(tmp_path: Path) -> None:
    """SQLite may take another that does, and then reads each lead that fits, to sort them."""
    store = open_store(tmp_path)
    with store.reading() as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'leads'"
        made = {name: sql for name, sql in connection.exec_driver_sql(query) if sql is not None}
    store.close()
    by_standing = {name for name, sql in made.items() if "(standing," in sql}
    assert {name for name in by_standing if "standing = 'open'" not in made[name]} == {"leads_by_standing"}
    assert {"open_leads_by_scoring", "open_leads_by_scorer"} < by_standing
