import numpy as np
import pandas as pd
from numpy.typing import NDArray
from small_company import a_batch, a_mapping, day

from features.batch import LeadBatch
from features.columns import Column
from features.events import NO_TIME
from features.spec import FeatureSpec
from features.vectors import vectorise


def spec_of(*columns: Column, has_age: bool = False) -> FeatureSpec:
    return FeatureSpec(
        columns=columns,
        unused=(),
        event_keys=(),
        touch_keys=(),
        has_age=has_age,
        has_events=False,
        missing=a_mapping().leads.missing,
        decimal=".",
    )


def numbers(spec: FeatureSpec, batch: LeadBatch) -> NDArray[np.float64]:
    """Return the vectors alone."""
    return vectorise(spec, batch).values  # no frame of pandas


EMPLOYEES = Column(name="employees", kind="number", family="fit")
COUNTRY = Column(name="country", kind="category", family="fit", vocabulary=("DE", "FR"))
SKILLS = Column(name="skills", kind="multi", family="fit", vocabulary=("aws", "SQL"))
TITLE = Column(name="title", kind="title", family="fit")
EMAIL = Column(name="email", kind="email", family="fit")


def test_each_kind_of_column_becomes_numbers() -> None:
    batch = a_batch(
        {
            "employees": ["1,200", None, 7],
            "country": ["fr", "IT", ""],
            "skills": ["sql; AWS", "java", None],
            "title": ["VP Sales", "Plumber", None],
            "email": ["a@gmail.com", "b@acme.example", "no address"],
        }
    )
    values = numbers(spec_of(EMPLOYEES, COUNTRY, SKILLS, TITLE, EMAIL), batch)
    missing = np.nan
    np.testing.assert_equal(
        values,
        [
            [1200.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0],
            [missing, 2.0, 0.0, 0.0, 8.0, 14.0, 0.0],
            [7.0, missing, missing, missing, missing, missing, missing],
        ],
    )


def test_a_cell_that_cannot_be_read_is_found_in_its_own_row() -> None:
    cells = ["1", "many", "3", "lots"]
    for column in (
        cells,
        pd.Series(cells),
        pd.Series(cells, index=[1, 1, 0, 0]),
        pd.Series(cells, index=[9, 8, 7, 6]),
    ):
        batch = a_batch({"employees": column})
        read = vectorise(spec_of(EMPLOYEES), batch)
        assert {
            row: [(f.where, f.expected, f.found) for f in of_row] for row, of_row in read.faults.items()
        } == {
            1: [("employees", "a number", "'many'")],
            3: [("employees", "a number", "'lots'")],
        }
        assert np.isnan(numbers(spec_of(EMPLOYEES), batch)[:, 0]).tolist() == [False, True, False, True]


def test_all_faults_of_a_lead_are_told_at_once() -> None:
    opted = Column(name="opted_in", kind="boolean", family="fit")
    read = vectorise(spec_of(EMPLOYEES, opted), a_batch({"employees": ["many"], "opted_in": ["maybe"]}))
    assert [fault.expected for fault in read.faults[0]] == ["a number", "yes or no"]


def test_a_column_that_is_not_brought_is_missing_and_named() -> None:
    read = vectorise(spec_of(EMPLOYEES, COUNTRY), a_batch({"country": ["DE"]}))
    assert read.absent == ("employees",)
    np.testing.assert_equal(
        numbers(spec_of(EMPLOYEES, COUNTRY), a_batch({"country": ["DE"]})), [[np.nan, 0.0]]
    )
    assert not read.faults


def test_the_age_is_in_days_and_missing_where_the_creation_is_not_known() -> None:
    batch = a_batch({"country": ["DE", "DE"]}, as_of=[day(10.5), day(10)], created_at=[day(0), NO_TIME])
    np.testing.assert_equal(numbers(spec_of(has_age=True), batch)[:, 0], [10.5, np.nan])


def test_no_leads_make_no_vectors() -> None:
    nobody = a_batch({"employees": []})
    assert isinstance(nobody, LeadBatch)
    assert numbers(spec_of(EMPLOYEES), nobody).shape == (0, 1)
