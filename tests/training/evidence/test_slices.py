"""Slices: where the model is weak, and by what it is cut."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_company import Company, dated_company, flat_company

from features.durations import DAY_US
from features.snapshots import Moments
from training.evidence.foretold import Judged, foretold_by, joined
from training.evidence.segments import COLUMNS, UNKNOWN, Segment, joined_segments, segments_of
from training.evidence.slices import LEAST_LEADS, MOST_VALUES, slices_of
from training.measures import resampling


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company(900)


@pytest.fixture(scope="module")
def tested(company: Company) -> Judged:
    return foretold_by(company.scorer, company.history, company.census)[0]


def slices(company: Company, tested: Judged) -> Any:
    return slices_of(company.history, tested, resampling(company.history.owner[tested.rows.lead], draws=20))


def test_slices_of_one_kind_part_the_rows_and_say_what_happened_in_them(
    company: Company, tested: Judged
) -> None:
    found = slices(company, tested)
    labels, days = (
        tested.rows.label,
        (tested.rows.as_of - company.history.created_at[tested.rows.lead]) / DAY_US,
    )
    first = next(s for s in found if s.kind == "age")
    own = days <= 7
    assert (first.value, first.rows) == ("up to a week", own.sum())
    assert first.converted.value == pytest.approx(labels[own].mean())
    assert first.probability == pytest.approx(tested.probabilities[own].mean())
    for kind in ("age", "period"):
        assert sum(s.rows for s in found if s.kind == kind) == len(labels)
    months = [s.value for s in found if s.kind == "period"]
    assert months == sorted(months)
    assert months[0].startswith("2024-0")
    assert min(s.leads for s in found) >= LEAST_LEADS


def test_segments_are_of_the_columns_that_matter_most(company: Company, tested: Judged) -> None:
    columns = list(dict.fromkeys(segment.column for segment in tested.segments))
    assert "country" in " ".join(columns)
    assert len(columns) <= COLUMNS
    for column in columns:
        held = np.sum([segment.rows for segment in tested.segments if segment.column == column], axis=0)
        assert (held == 1).all(), "every row is in one segment of a column"
    found = [s for s in slices(company, tested) if s.kind == "segment"]
    assert {s.of for s in found} <= set(columns)
    assert max(sum(s.of == column for s in found) for column in columns) <= MOST_VALUES


def test_a_column_that_parts_the_rows_as_another_does_is_not_told_twice(company: Company) -> None:
    values = company.history.vectors(company.scorer.spec, company.census.lead, company.census.as_of).values
    found = segments_of(company.scorer, values)
    parts = {
        column: frozenset(s.rows.tobytes() for s in found if s.column == column and s.rows.any())
        for column in {s.column for s in found}
    }
    assert len(set(parts.values())) == len(parts)


def test_a_slice_is_weak_where_its_probabilities_do_not_hold_or_say_nothing(
    company: Company, tested: Judged
) -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(2, 8, len(tested.rows))
    labels = (rng.random(len(p)) < p).astype(np.float64)
    true = replace(tested, probabilities=p, rows=Moments(tested.rows.lead, tested.rows.as_of, labels))
    sound = slices(company, true)
    assert np.mean([s.is_weak for s in sound]) < 0.25
    doubled = slices(company, replace(true, probabilities=np.minimum(2 * p, 1.0)))
    assert all("too high" in s.why for s in doubled if s.leads > 200)
    noise = slices(company, replace(true, probabilities=rng.permutation(p)))
    assert np.mean(["next to nothing" in s.why for s in noise]) > 0.7


def test_flat_data_have_neither_ages_nor_periods() -> None:
    flat = flat_company()
    tested, _ = foretold_by(flat.scorer, flat.history, flat.census)
    assert {s.kind for s in slices(flat, tested)} == {"segment"}


def test_parts_are_joined_row_by_row(company: Company) -> None:
    is_first = np.arange(len(company.census)) < 500
    parts = [
        foretold_by(company.scorer, company.history, company.census.where(m))[0]
        for m in (is_first, ~is_first)
    ]
    whole, _ = foretold_by(company.scorer, company.history, company.census)
    found = joined(parts)
    assert found.rows.lead.tolist() == whole.rows.lead.tolist()
    assert found.probabilities.tolist() == whole.probabilities.tolist()
    assert {(s.column, s.value): s.rows.tolist() for s in found.segments} == {
        (s.column, s.value): s.rows.tolist() for s in whole.segments
    }


def test_a_column_that_does_not_matter_everywhere_is_no_segment_of_all() -> None:
    yes, no = np.asarray([True, False]), np.asarray([False, True])
    one = (Segment("a", "x", yes), Segment("a", UNKNOWN, no), Segment("b", "y", yes))
    other = (Segment("a", "z", np.asarray([True])),)
    found = joined_segments([one, other], [2, 1])
    assert {(s.column, s.value, *s.rows.tolist()) for s in found} == {
        ("a", "x", True, False, False),
        ("a", UNKNOWN, False, True, False),
        ("a", "z", False, False, True),
    }
