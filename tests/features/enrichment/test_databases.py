import sqlite3
from pathlib import Path

import pytest

from features.enrichment.databases import AT_ONCE
from features.enrichment.provider import Provider, provider_of
from features.errors import InputError
from features.mapping import Enrichment

QUERY = "SELECT domain, employees, city FROM companies WHERE domain IN :keys ORDER BY rowid"


@pytest.fixture
def companies(tmp_path: Path) -> Path:
    path = tmp_path / "register.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE companies (domain TEXT, employees INTEGER, city TEXT)")
        rows = [(f"c{number}.example", number, None) for number in range(AT_ONCE + 50)]
        database.executemany("INSERT INTO companies VALUES (?, ?, ?)", [*rows, ("c7.example", 0, "late")])
    database.close()
    return path


def asked(path: Path, query: str = QUERY) -> Provider:
    settings = {"lead_key": "email", "key": "domain", "url": f"sqlite:///{path}", "query": query}
    return provider_of("x", Enrichment.model_validate(settings), path.parent)


def test_more_keys_than_fit_one_query_are_found(companies: Path) -> None:
    keys = [f"c{number}.example" for number in range(AT_ONCE + 60)]
    found = asked(companies).look_up(keys)
    assert len(found) == AT_ONCE + 50
    assert found["c7.example"] == {"employees": 7}
    assert found[f"c{AT_ONCE + 9}.example"] == {"employees": AT_ONCE + 9}


def test_a_key_is_bound_and_never_part_of_the_query(companies: Path) -> None:
    assert asked(companies).look_up(["c1.example') OR 1=1 --", "'; DROP TABLE companies; --"]) == {}
    assert len(asked(companies).look_up(["c1.example"])) == 1


def test_no_keys_ask_nothing(companies: Path) -> None:
    assert asked(companies).look_up([]) == {}


def test_an_error_of_the_database_is_said(companies: Path) -> None:
    with pytest.raises(InputError, match="no such table: elsewhere"):
        asked(companies, "SELECT domain FROM elsewhere WHERE domain IN :keys").look_up(["c1.example"])
