from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping, day, tables

from features.history import History

ACCOUNTS = {"path": "accounts.csv", "key": "domain", "lead_key": "email", "known_from": "known_from"}


def known(history: History, column: str, *moments: int, lead: int = 0) -> list[Any]:
    """Return what stood in a column of one lead at some moments."""
    positions = np.full(len(moments), lead, np.int64)
    cells = history.at(positions, np.asarray(moments, np.int64)).cells[column]
    return [None if pd.isna(cell) else cell for cell in cells]


def a_lead(lead_id: str = "L-1", **cells: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "created_at": day(0), **cells}


def a_change(lead_id: str, number: float, value: Any, column: str = "tier") -> dict[str, Any]:
    return {"lead_id": lead_id, "column": column, "changed_at": day(number), "value": value}


def test_the_value_at_a_moment_is_the_last_change_at_or_before_it() -> None:
    changes = [a_change("L-1", 20, "B"), a_change("L-1", 10, "A"), a_change("L-1", 30, None)]
    history = History(tables([a_lead(tier="now")], changes=changes), a_mapping())
    assert known(history, "tier", day(10) - 1, day(10), day(20) - 1, day(20), day(30)) == [
        "now", "A", "A", "B", None
    ]  # fmt: skip


def test_before_its_first_change_a_value_is_undated_as_it_is_without_changes() -> None:
    leads = [a_lead("L-1", tier="now", country="DE"), a_lead("L-2", tier="now", country="FR")]
    history = History(tables(leads, changes=[a_change("L-1", 10, "A")]), a_mapping())
    assert known(history, "tier", day(5), day(10)) == ["now", "A"]
    assert known(history, "tier", day(5), day(50), lead=1) == ["now", "now"]
    assert known(history, "country", day(5)) == ["DE"]


def test_a_column_is_dated_where_its_history_says_what_stood_at_the_creation() -> None:
    leads = [a_lead(f"L-{n}", tier="now", country="DE") for n in range(10)]
    whole = [a_change(f"L-{n}", 0, "A") for n in range(9)] + [a_change("L-9", 10, "B")]
    assert History(tables(leads, changes=whole), a_mapping()).undated() == ["country"]
    late = [a_change("L-0", 0, "A"), *(a_change(f"L-{n}", 10, "B") for n in range(1, 9))]
    assert History(tables(leads, changes=late), a_mapping()).undated() == ["tier", "country"]


def test_of_changes_at_one_time_the_later_in_the_table_stands() -> None:
    changes = [a_change("L-1", 10, "A"), a_change("L-1", 10, "B")]
    assert known(History(tables([a_lead(tier="now")], changes=changes), a_mapping()), "tier", day(10)) == [
        "B"
    ]


def test_changes_of_leads_that_are_not_there_change_nothing() -> None:
    changes = [a_change("L-9", 1, "X"), a_change("L-1", 10, "A"), a_change("L-9", 11, "Y")]
    assert known(History(tables([a_lead(tier="now")], changes=changes), a_mapping()), "tier", day(12)) == [
        "A"
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(["L-1", "L-2"]), st.integers(0, 20), st.sampled_from("ABC")), max_size=8
    ),
    st.lists(st.integers(-1, 21), min_size=1, max_size=5),
)
def test_changes_stand_as_a_slow_look_through_them_says(
    changes: list[tuple[str, int, str]], moments: list[int]
) -> None:
    rows = [a_change(lead, number, value) for lead, number, value in changes]
    leads = [a_lead("L-1", tier="now"), a_lead("L-2", tier="now")]
    history = History(tables(leads, changes=rows), a_mapping())
    for lead in (0, 1):
        own = [(number, value) for of, number, value in changes if of == f"L-{lead + 1}"]
        slow = []
        for moment in moments:
            before = sorted((n for n in own if n[0] <= moment), key=lambda change: change[0])
            slow.append(before[-1][1] if before else "now")
        assert known(history, "tier", *(day(moment) for moment in moments), lead=lead) == slow


def an_account(key: str, known_from: float | None, size: Any) -> dict[str, Any]:
    return {"key": key, "known_from": None if known_from is None else day(known_from), "size": size}


def joined(lead: dict[str, Any], *accounts: dict[str, Any], **leads: Any) -> History:
    section = {"path": "leads.csv", "id": "lead_id", "created_at": "created_at", **leads}
    return History(tables([lead], accounts=accounts), a_mapping(leads=section, accounts=ACCOUNTS))


def test_an_account_is_known_from_its_time_on() -> None:
    history = joined(
        a_lead(email="Ada@ACME.example"),
        an_account("acme.example", 30, "L"),
        an_account("acme.example", 10, "S"),
    )
    assert known(history, "size", day(10) - 1, day(10), day(30) - 1, day(30)) == [None, "S", "S", "L"]


def test_an_account_without_a_time_was_always_known_until_a_dated_row() -> None:
    history = joined(
        a_lead(email="a@acme.example"),
        an_account("acme.example", 30, "L"),
        an_account("acme.example", None, "S"),
    )
    assert known(history, "size", day(0), day(30)) == ["S", "L"]


def test_a_lead_of_no_account_has_nothing_of_any() -> None:
    for email in ("a@other.example", None, "", "n/a"):
        history = joined(a_lead(email=email), an_account("acme.example", None, "S"))
        assert known(history, "size", day(10)) == [None]


def test_the_key_may_be_an_id_of_the_account() -> None:
    assert known(joined(a_lead(email="ACC-1"), an_account("acc-1", None, "S")), "size", day(1)) == ["S"]


@pytest.mark.parametrize(("own", "stands"), [("M", "M"), (0, 0), (None, "S")])
def test_what_the_company_knows_itself_wins_but_not_knowing_does_not(own: Any, stands: str) -> None:
    lead = a_lead(email="a@acme.example", size=own)
    history = joined(lead, an_account("acme.example", None, "S"))
    assert known(history, "size", day(1)) == [stands]


def test_an_excluded_column_does_not_come_back_from_an_account() -> None:
    lead = a_lead(email="a@acme.example", size="M")
    history = joined(lead, an_account("acme.example", None, "S"), exclude=["size"])
    assert "size" not in history.at(np.asarray([0]), np.asarray([day(1)])).cells


def test_a_lead_id_that_stands_twice_shares_its_events_and_changes() -> None:
    history = History(
        tables(
            [a_lead("L-1", tier="now"), a_lead("L-2", tier="now"), a_lead("L-1", tier="then")],
            events=[{"lead_id": "L-1", "occurred_at": day(1), "type": "page_view"}],
            changes=[a_change("L-1", 10, "A")],
        ),
        a_mapping(),
    )
    assert history.owner.tolist() == [0, 1, 0]
    assert known(history, "tier", day(10), lead=2) == ["A"]
    assert history.events.offsets.tolist() == [0, 1, 1]


def test_events_of_leads_that_are_not_there_are_left_out() -> None:
    events = [{"lead_id": "L-9", "occurred_at": day(1), "type": "page_view"}]
    assert len(History(tables([a_lead()], events=events), a_mapping()).events.key) == 0
