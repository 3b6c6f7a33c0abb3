from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_company import a_mapping, day

from features.durations import DAY_US
from features.enrichment.enrich import BATCH, Enriched, enrich, keys_of_leads
from features.errors import InputError
from features.mapping import mapping_from
from features.reading import read_tables


class Known:
    """A provider that knows what it is given, and remembers what it was asked."""

    def __init__(self, known: dict[str, dict[str, Any]], breaks_after: int | None = None) -> None:
        self.known, self.breaks_after = known, breaks_after
        self.asked: list[list[str]] = []

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        if self.breaks_after is not None and len(self.asked) >= self.breaks_after:
            raise ConnectionError("gone")
        self.asked.append(list(keys))
        return {key: self.known[key] for key in keys if key in self.known}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "accounts.parquet"


def rows(path: Path) -> list[dict[str, Any]]:
    table = pd.read_parquet(path)
    table["known_from"] = table["known_from"].astype("datetime64[us, UTC]").astype("int64")
    return [
        {name: cell for name, cell in row.items() if not pd.isna(cell)} for row in table.to_dict("records")
    ]


def test_every_company_that_was_asked_about_has_a_row_with_the_time_of_asking(out: Path) -> None:
    done = enrich(["a.example", "b.example"], Known({"a.example": {"size": 7}}), out, asked_at=day(3))
    assert done == Enriched(asked=2, found=1, kept=0)
    assert rows(out) == [
        {"key": "a.example", "known_from": day(3), "size": 7},
        {"key": "b.example", "known_from": day(3)},
    ]


def test_nobody_is_asked_twice_unless_it_is_long_ago(out: Path) -> None:
    enrich(["a.example"], Known({"a.example": {"size": 7}}), out, asked_at=day(0))
    later = Known({"a.example": {"size": 8, "city": "Lyon"}, "b.example": {"size": 1}})
    done = enrich(["a.example", "b.example"], later, out, asked_at=day(10), refresh=11 * DAY_US)
    assert done == Enriched(asked=1, found=1, kept=1)
    assert later.asked == [["b.example"]]
    assert enrich(["a.example", "b.example"], later, out, asked_at=day(10), refresh=10 * DAY_US).asked == 1
    assert rows(out) == [
        {"key": "a.example", "known_from": day(0), "size": 7},
        {"key": "b.example", "known_from": day(10), "size": 1},
        {"key": "a.example", "known_from": day(10), "size": 8, "city": "Lyon"},
    ]


def test_a_run_that_breaks_off_goes_on_where_it_was(out: Path) -> None:
    keys = [f"c{number}.example" for number in range(2 * BATCH + 10)]
    with pytest.raises(ConnectionError, match="gone"):
        enrich(keys, Known({}, breaks_after=1), out, asked_at=day(0))
    assert len(rows(out)) == BATCH
    seen: list[tuple[int, int]] = []
    again = Known({})
    done = enrich(keys, again, out, asked_at=day(1), progress=lambda done, of: seen.append((done, of)))
    assert done == Enriched(asked=BATCH + 10, found=0, kept=BATCH)
    assert [row["key"] for row in rows(out)] == keys
    assert seen == [(0, BATCH + 10), (BATCH, BATCH + 10), (BATCH + 10, BATCH + 10)]


def test_the_file_is_written_beside_and_leaves_nothing_there(out: Path) -> None:
    enrich(["a.example"], Known({}), out, asked_at=day(0))
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (1, 2.5, [1.0, 2.5]),
        (1, "two", ["1", "two"]),
        (["a", "b"], ["c"], [["a", "b"], ["c"]]),
        (["a", "b"], "c", ["a; b", "c"]),
        (True, 3, ["True", "3"]),
        ("x", None, ["x", None]),
    ],
)
def test_a_column_has_one_type_whatever_a_provider_sends(
    out: Path, first: Any, second: Any, kept: list[Any]
) -> None:
    known = {"a": {"x": first}} | ({} if second is None else {"b": {"x": second}})
    enrich(["a"], Known(known), out, asked_at=day(0))
    enrich(["a", "b"], Known(known), out, asked_at=day(1))
    assert pq.read_table(out).column("x").to_pylist() == kept


@pytest.mark.parametrize("name", ["key", "known_from"])
def test_a_provider_may_not_take_the_names_of_the_file(out: Path, name: str) -> None:
    with pytest.raises(InputError, match="no column of a reserved name"):
        enrich(["a"], Known({"a": {name: 1}}), out, asked_at=day(0))


@pytest.mark.parametrize("content", [b"", b"key,size\n", b"PAR1"])
def test_a_file_of_something_else_is_not_touched(out: Path, content: bytes) -> None:
    out.write_bytes(content)
    with pytest.raises(InputError, match="a Parquet file that leadlens enrich wrote"):
        enrich(["a"], Known({}), out, asked_at=day(0))
    assert out.read_bytes() == content


def leads(folder: Path, *emails: str, column: str = "email") -> Path:
    lines = [f"L-{number},2024-01-01,{email}" for number, email in enumerate(emails)]
    (folder / "leads.csv").write_text("\n".join([f"lead_id,created_at,{column}", *lines]) + "\n")
    return folder


def test_companies_are_asked_about_and_people_are_not(tmp_path: Path) -> None:
    folder = leads(
        tmp_path, "one@ACME.example", "two@acme.example", "me@gmail.com", "x@mailinator.com", "p@mit.edu",
        "", "n/a",
        "z@b.example",
    )  # fmt: skip
    assert keys_of_leads(a_mapping(), "email", folder) == ["acme.example", "b.example"]


def test_an_id_of_an_account_is_a_key_too(tmp_path: Path) -> None:
    assert keys_of_leads(a_mapping(), "acc", leads(tmp_path, "A-1", "a-1", "B", column="acc")) == ["a-1", "b"]


def test_a_lead_key_that_is_no_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a column 'mail'"):
        keys_of_leads(a_mapping(), "mail", leads(tmp_path, "a@b.example"))


def test_what_was_asked_is_read_as_accounts_and_moves_no_extract(tmp_path: Path, out: Path) -> None:
    leads(tmp_path, "one@acme.example")
    enrich(["acme.example"], Known({"acme.example": {"size": 7}}), out, asked_at=day(5_000))
    mapping = mapping_from(
        {
            "leads": {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"},
            "accounts": {"path": out.name, "key": "key", "lead_key": "email", "known_from": "known_from"},
        }
    )
    tables = read_tables(mapping, tmp_path)
    [accounts] = tables.accounts
    assert accounts["size"].tolist() == [7]
    assert tables.extract_at == pd.Timestamp("2024-01-01", tz="UTC")
