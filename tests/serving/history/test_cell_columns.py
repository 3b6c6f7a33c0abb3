"""Whatever a cell is, from the store every reader of cells reads what it read from the file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.cells import CellError, CellRules, boolean_of, distinct_cells, number_of, text_of, values_of
from serving.history.cell_columns import CellColumns
from serving.importing.plain_cells import plain_column, plain_rows
from serving.store.database import to_json_text

ODD = st.sampled_from(
    [
        "420",
        "1.0",
        "1,234.5",
        "True",
        "yes",
        "n/a",
        "-",
        "Größe 🦄",
        '"',
        "\\u0000 in words",
        "x" * 3_000,
        "a;b",
    ]
)
YEARS = tuple(pd.Timestamp(f"{year}-01-01").to_pydatetime() for year in (1900, 2200))
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)
COLUMNS = st.one_of(
    st.lists(st.none() | ODD | TEXT, min_size=1).map(lambda cells: pd.Series(cells, dtype="str")),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1).map(lambda cells: pd.Series(cells, dtype="int64")),
    st.lists(st.floats(), min_size=1).map(lambda cells: pd.Series(cells, dtype="float64")),
    st.lists(st.floats(width=32), min_size=1).map(lambda cells: pd.Series(cells, dtype="float32")),
    st.lists(st.none() | st.booleans(), min_size=1).map(lambda cells: pd.Series(cells, dtype=object)),
    st.lists(st.booleans(), min_size=1).map(lambda cells: pd.Series(cells, dtype="bool")),
    st.lists(st.none() | st.lists(ODD).map(np.array), min_size=1).map(lambda c: pd.Series(c, dtype=object)),
    st.lists(st.none() | st.dates(), min_size=1).map(lambda cells: pd.Series(cells, dtype=object)),
    st.lists(st.datetimes(*YEARS), min_size=1).map(lambda cells: pd.Series(cells, dtype="datetime64[us]")),
    st.lists(st.decimals(allow_nan=False, allow_infinity=False), min_size=1).map(
        lambda cells: pd.Series(cells, dtype=object)
    ),
    st.lists(ODD, min_size=1).map(lambda cells: pd.Series(cells, dtype="category")),
)


def as_read(cell: Any) -> list[Any]:
    """What every reader makes of a cell, or that it makes nothing of it."""
    said: list[Any] = []
    for read in (text_of, number_of, boolean_of):
        try:
            found = read(cell, CellRules())
            said.append(repr(found))
        except CellError:
            said.append("unreadable")
    try:
        said.append(values_of(cell, ";", CellRules()))
    except CellError:
        said.append("unreadable")
    return said


def through_the_store(columns: dict[str, pd.Series[Any]], size: int) -> dict[str, pd.Series[Any]]:
    rows = len(next(iter(columns.values())))
    cells = plain_rows({name: plain_column(column) for name, column in columns.items()}, rows)
    texts = [to_json_text(row) for row in cells]
    gathered = CellColumns()
    gathered.add([to_json_text(dict.fromkeys(columns))])
    for start in range(0, rows, size):
        gathered.add(texts[start : start + size])
    return {name: column.iloc[1:] for name, column in gathered.named().items()}


@given(column=COLUMNS, size=st.integers(1, 5))
def test_cells_read_the_same_from_the_store_as_from_the_file(column: pd.Series[Any], size: int) -> None:
    [own] = through_the_store({"a column": column}, size).values()
    assert [as_read(cell) for cell in own] == [as_read(cell) for cell in column]


@given(column=COLUMNS)
def test_cells_that_differed_in_the_file_differ_in_the_store(column: pd.Series[Any]) -> None:
    """Features count distinct cells: none may become two, and two may become one only if they read alike."""
    [own] = through_the_store({"a column": column}, 3).values()
    ours, _ = distinct_cells(column)
    theirs, _ = distinct_cells(own)
    known = column.notna().to_numpy() & own.notna().to_numpy()
    pairs = set(zip(ours[known].tolist(), theirs[known].tolist(), strict=True))
    assert len({one for one, _ in pairs}) == len(pairs)


def test_columns_stand_in_the_order_of_the_object_that_names_them_all() -> None:
    gathered = CellColumns()
    gathered.add(['{"c": 1}', None, '{"a": null, "b": null, "c": null, "d": null}', '{"e": 2, "b": "x"}'])
    columns = gathered.named(["z", "b"])
    assert list(columns) == ["a", "b", "c", "d", "e", "z"]
    assert columns["z"].isna().all()
    assert columns["b"].tolist()[-1] == "x"


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["a", None], "str"),
        ([1.5, None], "float64"),
        ([1, 2], "int64"),
        ([True], "bool"),
        ([1, None], "object"),
    ],
)
def test_columns_have_the_types_that_files_have(cells: list[Any], dtype: str) -> None:
    gathered = CellColumns()
    gathered.add([to_json_text({} if cell is None else {"x": cell}) for cell in cells])
    assert str(gathered.named()["x"].dtype) == dtype


def test_times_dates_and_decimals_become_the_text_that_they_read_as() -> None:
    column = pd.Series(
        [date(2026, 1, 31), Decimal("1.50"), pd.Timestamp("2026-01-31", tz="UTC")], dtype=object
    )
    assert plain_column(column) == ["2026-01-31", "1.50", "2026-01-31 00:00:00+00:00"]
