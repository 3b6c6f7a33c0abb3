from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_company import a_mapping, day, tables

from features.accounts import ORIGINS, UNKNOWN, AccountBook, account_key
from features.cells import CellRules, cell_rules
from features.history import History
from features.mapping import Mapping, mapping_from

OWN = {"path": "own.csv", "key": "domain", "lead_key": "email", "known_from": "known_from"}
BOUGHT = {**OWN, "path": "bought.csv", "origin": "third-party"}


def a_lead(lead_id: str = "L-1", email: str | None = "a@acme.example", **cells: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "created_at": day(0), "email": email, **cells}


def a_row(number: float | None, key: str = "acme.example", **cells: Any) -> dict[str, Any]:
    return {"key": key, "known_from": None if number is None else day(number), **cells}


def history(
    leads: list[dict[str, Any]],
    *accounts: list[dict[str, Any]],
    missing: tuple[str, ...] = (),
    **more: Any,
) -> History:
    """Return a history with up to two tables of accounts, the second a third party's."""
    mapping = a_mapping(
        leads={"path": "l.csv", "id": "lead_id", "created_at": "created_at", "missing": missing},
        accounts=[OWN, BOUGHT][: len(accounts)],
    )
    return History(tables(leads, accounts=accounts[0], more_accounts=accounts[1:], **more), mapping)


def stands(history: History, column: str, *moments: float) -> list[tuple[Any, str]]:
    """Return value and origin of a column of the first lead at some days."""
    leads, as_of = np.zeros(len(moments), np.int64), np.asarray([day(m) for m in moments], np.int64)
    values = history.at(leads, as_of).cells[column]
    origins = history.origins(column, leads, as_of)
    assert origins.dtype == np.int8
    return [
        (None if pd.isna(value) else value, ORIGINS[code])
        for value, code in zip(values, origins.tolist(), strict=True)
    ]


def test_the_first_table_that_knows_a_value_by_then_gives_it() -> None:
    book = history([a_lead()], [a_row(20, size="S")], [a_row(10, size="L"), a_row(30, size="XL")])
    assert stands(book, "size", 9, 10, 20, 40) == [
        (None, "unknown"), ("L", "third-party"), ("S", "enriched"), ("S", "enriched"),
    ]  # fmt: skip


def test_a_table_whose_last_row_knows_no_value_gives_way_to_the_next() -> None:
    book = history([a_lead()], [a_row(5, size="S"), a_row(20, size="n/a")], [a_row(10, size="L")])
    assert stands(book, "size", 15, 25) == [("S", "enriched"), ("L", "third-party")]


@pytest.mark.parametrize("own", [None, "", "n/a", "Select", " select ", "-", np.nan])
def test_a_spelling_of_not_known_is_filled_from_the_accounts(own: Any) -> None:
    book = history([a_lead(size=own)], [a_row(None, size="S")], missing=("Select",))
    assert stands(book, "size", 1) == [("S", "enriched")]


@pytest.mark.parametrize("own", ["M", 0, False, "0"])
def test_what_the_company_knows_itself_wins(own: Any) -> None:
    assert stands(history([a_lead(size=own)], [a_row(None, size="S")]), "size", 1) == [(own, "first-party")]


def test_a_cell_that_cannot_be_read_is_a_fault_and_not_a_gap() -> None:
    book = history([a_lead(size={"a": 1})], [a_row(None, size="S")])
    [(value, origin)] = [
        (book.at(np.asarray([0]), np.asarray([day(1)])).cells["size"][0], stands(book, "size", 1)[0][1])
    ]
    assert (value, origin) == ({"a": 1}, "first-party")


@pytest.mark.parametrize(
    ("own", "origin"), [(["aws"], "first-party"), ([], "enriched"), (["n/a"], "enriched")]
)
def test_a_list_is_known_where_it_holds_something(own: list[str], origin: str) -> None:
    book = AccountBook(
        [tables([a_lead()], accounts=[a_row(None, tools="sql")]).accounts[0]],
        a_mapping(accounts=OWN).accounts,
        CellRules(),
    )
    cells: dict[str, Any] = {"email": ["a@acme.example"], "tools": pd.Series([own], dtype=object)}
    assert ORIGINS[book.fill(cells, np.asarray([day(1)]))["tools"][0]] == origin


def test_columns_of_several_tables_are_joined_each_by_its_own_key() -> None:
    mapping = a_mapping(accounts=[OWN, {**BOUGHT, "lead_key": "account"}])
    all_tables = tables(
        [a_lead(account="ACC-1")],
        accounts=[a_row(None, size="S")],
        more_accounts=[[a_row(None, key="acc-1", revenue="7", size="L")]],
    )
    book = History(all_tables, mapping)
    assert stands(book, "size", 1) == [("S", "enriched")]
    assert stands(book, "revenue", 1) == [("7", "third-party")]


def test_an_account_is_found_by_the_address_that_stood_then() -> None:
    changes = [
        {"lead_id": "L-1", "column": "email", "changed_at": day(5), "value": "a@acme.example"},
        {"lead_id": "L-1", "column": "email", "changed_at": day(10), "value": "a@b.example"},
    ]
    accounts = [a_row(None, size="S"), a_row(None, key="b.example", size="L")]
    book = history([a_lead(email="a@b.example")], accounts, changes=changes)
    assert [value for value, _ in stands(book, "size", 1, 5, 10)] == ["L", "S", "L"]


def test_without_enrichment_only_the_companys_own_columns_stand() -> None:
    book = history([a_lead(size="n/a", tier="A")], [a_row(None, size="S", revenue="7")])
    alone = book.without_enrichment()
    cells = alone.at(np.asarray([0]), np.asarray([day(1)])).cells
    assert set(cells) == {"email", "size", "tier"}
    assert stands(alone, "size", 1) == [("n/a", "unknown")]
    assert stands(alone, "tier", 1) == [("A", "first-party")]
    assert stands(book, "size", 1) == [("S", "enriched")], "the history itself is as it was"


def test_the_shares_of_origins_are_told_for_each_column_of_the_accounts() -> None:
    leads = [
        a_lead("L-1", size="M"),
        a_lead("L-2"),
        a_lead("L-3", email="a@b.example"),
        a_lead("L-4", email=None),
    ]
    book = history(leads, [a_row(None, size="S")], [a_row(None, key="b.example", size="L", city="Lyon")])
    shares = book.origin_shares(np.arange(4), np.full(4, day(1)))
    assert shares["size"] == {"first-party": 0.25, "enriched": 0.25, "third-party": 0.25, "unknown": 0.25}
    assert shares["city"] == {"first-party": 0.0, "enriched": 0.0, "third-party": 0.25, "unknown": 0.75}
    assert book.without_enrichment().origin_shares(np.arange(4), np.full(4, day(1))) == {}
    assert book.origin_shares(np.arange(0), np.arange(0)) == {}


def test_an_unknown_value_has_the_last_code() -> None:
    assert ORIGINS[UNKNOWN] == "unknown"


@pytest.mark.parametrize(
    ("cell", "key"),
    [("Ada@ACME.example", "acme.example"), (" ACC-1 ", "acc-1"), (7.0, "7"), ("n/a", None), (None, None)],
)
def test_the_key_of_an_account(cell: Any, key: str | None) -> None:
    assert account_key(cell, cell_rules()) == key


def frozen_again(mapping: Mapping) -> Mapping:
    return Mapping.model_validate_json(mapping.frozen())


@pytest.mark.parametrize("given", [OWN, [OWN], [OWN, BOUGHT], []])
def test_one_table_or_several_are_frozen_and_read_back(given: Any) -> None:
    mapping = a_mapping(accounts=given)
    assert [accounts.origin for accounts in mapping.accounts] == ["enriched", "third-party"][
        : len(mapping.accounts)
    ]
    assert frozen_again(mapping) == mapping


def test_a_mapping_of_an_older_version_is_understood() -> None:
    whole = {"leads": {"path": "l.csv", "id": "id", "created_at": "c"}}
    assert len(mapping_from({**whole, "accounts": OWN}).accounts) == 1
    assert mapping_from({**whole, "accounts": None}).accounts == ()


def test_a_password_of_a_table_of_accounts_is_not_frozen() -> None:
    table = {**OWN, "url": "postgresql://me:s3cret@host/crm", "query": "select 1"}
    del table["path"]
    assert "s3cret" not in a_mapping(accounts=[OWN, table]).frozen()
