from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.cells import CellRules
from features.columns import Column
from features.feature import Feature
from features.fit import FitPlan, column_features, expected_columns

PLAIN = (
    Column(name="employees", kind="number", family="fit"),
    Column(name="opted_in", kind="boolean", family="fit"),
    Column(name="tier", kind="category", family="fit", vocabulary=("A", "B")),
    Column(name="skills", kind="multi", family="fit", vocabulary=("aws", "SQL")),
    Column(name="job_title", kind="title", family="fit"),
    Column(name="email", kind="email", family="fit"),
    Column(name="country", kind="country", family="fit", vocabulary=("DE", "FR")),
    Column(name="utm_source", kind="category", family="context", vocabulary=("google",)),
)
COLUMNS = (
    Column(name="lead.source", kind="source", family="context", reads=(("utm_source", "utm_source"),
    ("referrer", "page"))),
    *PLAIN,
    Column(name="lead.completeness", kind="completeness", family="fit", reads=tuple(("fit",
    c.name) for c in PLAIN[:-1])),
)  # fmt: skip
PLAN = FitPlan(COLUMNS, CellRules())
NAMES = [feature.name for column in COLUMNS for feature in column_features(column)]

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=6),
    st.sampled_from(["A", "b", "yes", "1,200", "aws; sql", "CEO", "Leiterin Einkauf", "a@gmail.com", "DE",
    "Allemagne",
                     "google", "https://www.google.com/", "n/a", "", "-0.0"]),
    st.lists(st.sampled_from(["aws", "sql", ""]), max_size=2), st.dictionaries(st.text(max_size=1),
    st.integers(), max_size=1),
    st.sampled_from([np.float64(0.5), np.int64(3), pd.NA, pd.NaT, pd.Timestamp("2024-01-01")]),
)  # fmt: skip
ROWS = st.fixed_dictionaries({}, optional=dict.fromkeys(("page", *(column.name for column in PLAIN)), CELLS))


def read(plan: FitPlan, rows: list[dict[str, Any]], names: set[str]) -> tuple[np.ndarray, Any, Any]:
    values = np.full((len(rows), plan.width), np.nan)
    faults, absent = plan.fill(values, {name: [row.get(name) for row in rows] for name in names})
    return values, faults, absent


@given(st.lists(ROWS, min_size=2, max_size=6))
def test_one_row_has_the_bits_and_the_faults_of_the_same_row_among_many(rows: list[dict[str, Any]]) -> None:
    names = {name for row in rows for name in row}
    together, faults, absent = read(PLAN, rows, names)
    for at, row in enumerate(rows):
        alone, own_faults, own_absent = read(PLAN, [row], names)
        assert alone[0].tobytes() == together[at].tobytes()
        assert own_faults.get(0) == faults.get(at)
        assert own_absent == absent


@given(st.lists(st.sampled_from(["DE", None, "Nowhere"]), min_size=1, max_size=5))
def test_a_column_of_a_table_and_a_list_of_cells_are_read_alike(cells: list[Any]) -> None:
    plan = FitPlan([PLAIN[6]], CellRules())
    as_list, as_column = np.full((len(cells), 2), np.nan), np.full((len(cells), 2), np.nan)
    plan.fill(as_list, {"country": cells})
    plan.fill(as_column, {"country": pd.Series(cells, dtype="str", index=range(7, 7 + len(cells)))})
    assert as_list.tobytes() == as_column.tobytes()


def test_derived_columns_are_filled_after_what_they_read_wherever_they_stand() -> None:
    row = {column.name: "A" for column in PLAIN} | {"employees": 3, "opted_in": "yes", "utm_source": "google"}
    values, faults, _ = read(PLAN, [row | {"email": None}], {column.name for column in PLAIN})
    assert not faults
    held = dict(zip(NAMES, values[0].tolist(), strict=True))
    assert held["lead.source"] == 0.0
    assert held["lead.completeness"] == 6 / 7


def test_a_country_is_a_category_and_a_region() -> None:
    plan = FitPlan([PLAIN[6]], CellRules())
    values = np.full((4, 2), np.nan)
    plan.fill(values, {"country": ["de", "Italy", "Nowhere", None]})
    np.testing.assert_equal(values, [[0.0, 5.0], [2.0, 6.0], [2.0, np.nan], [np.nan, np.nan]])


def test_what_is_expected_are_the_companys_own_columns() -> None:
    assert expected_columns(COLUMNS) == ("utm_source", "page", *(column.name for column in PLAIN[:-1]))


def test_the_plan_is_as_wide_as_its_features() -> None:
    assert len(NAMES) == PLAN.width
    assert all(isinstance(f, Feature) for column in COLUMNS for f in column_features(column))


def test_a_fault_names_the_column_what_was_expected_and_what_was_found() -> None:
    _, faults, _ = read(PLAN, [{"employees": "many", "opted_in": "maybe"}], {"employees", "opted_in"})
    assert [(f.where, f.expected, f.found) for f in faults[0]] == [
        ("employees", "a number", "'many'"),
        ("opted_in", "yes or no", "'maybe'"),
    ]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_nothing_known_stays_missing(rows: int) -> None:
    values, faults, absent = read(PLAN, [{}] * rows, set())
    assert np.isnan(values).all()
    assert not faults
    assert len(absent) == 9
