"""Learning from counts: surveys of parts merge to the survey of all, whatever the parts."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import a_batch, an_event, dated_company, day

from features.batch import LeadBatch, joined
from features.learning import MOST_DETAILS, MOST_TYPES, Survey, merged_surveys, spec_of_parts, survey
from features.mapping import mapping_from
from features.vectors import vectorise

MAPPING = mapping_from(
    {
        "leads": {"path": "l.csv", "id": "lead_id", "created_at": "created_at", "multi": {"tags": ";"}},
        "events": {"path": "e.csv", "lead_id": "lead_id", "occurred_at": "occurred_at", "type": "type"},
    }
)


def rows_of(batch: LeadBatch, rows: list[int]) -> LeadBatch:
    """Return some rows of a batch as a batch of their own, with their owners' events alone."""
    at = np.asarray(rows, np.int64)
    part = replace(
        batch,
        lead_ids=[batch.lead_ids[row] for row in rows],
        created_at=batch.created_at[at],
        as_of=batch.as_of[at],
        cells={name: [cells[row] for row in rows] for name, cells in batch.cells.items()},
        owner=batch.owner[at],
    )
    return part.alone()


def a_crowd(leads: int, seed: int) -> LeadBatch:
    rng = np.random.default_rng(seed)
    cells: dict[str, Any] = {
        "country": rng.choice(["DE", "FR", None, "de"], leads).tolist(),
        "employees": [f"{n:.0f}" for n in rng.lognormal(4, 1, leads)],
        "tags": rng.choice(["a; b", "b", "c;c", None], leads).tolist(),
        "note": [f"free text {n}" for n in range(leads)],
        "odd": [[float("nan"), 1, True, 1.0, "1", None][n] for n in rng.integers(0, 6, leads)],
    }
    kinds = ["page_view", "form_submitted", "email_opened", "sales_call", "badge_scanned"]
    events = [
        [
            an_event(
                str(rng.choice(kinds)),
                day(float(rng.uniform(0, 120))),
                page=[None, "pricing", "blog"][rng.integers(0, 3)],
                value=float(rng.integers(0, 3)) if rng.random() < 0.5 else None,
            )
            for _ in range(rng.integers(0, 6))
        ]
        for _ in range(leads)
    ]
    return a_batch(cells, events=events)


@given(st.integers(1, 120), st.integers(0, 10**6), st.lists(st.integers(0, 4), min_size=120, max_size=120))
@settings(max_examples=30)
def test_surveys_of_parts_merge_to_the_survey_of_all(leads: int, seed: int, part_of: list[int]) -> None:
    whole = a_crowd(leads, seed)
    parts = [rows_of(whole, [row for row in range(leads) if part_of[row] == part]) for part in range(5)]
    merged = spec_of_parts((survey(part) for part in parts if len(part)), MAPPING)
    assert merged == spec_of_parts([survey(whole)], MAPPING)
    assert merged.names == spec_of_parts([survey(whole)], MAPPING).names


@given(st.integers(1, 60), st.integers(0, 10**6), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_batches_that_are_parted_and_joined_again_have_the_same_vectors(
    leads: int, seed: int, shuffle: Any
) -> None:
    whole = a_crowd(leads, seed)
    spec = spec_of_parts([survey(a_crowd(120, 1))], MAPPING)
    rows = list(range(leads))
    shuffle.shuffle(rows)
    parts = [rows_of(whole, rows[start : start + 17]) for start in range(0, leads, 17)]
    again = joined(parts, np.argsort(rows))
    assert list(again.lead_ids) == list(whole.lead_ids)
    assert vectorise(spec, again).values.tobytes() == vectorise(spec, whole).values.tobytes()


def test_a_lead_with_many_rows_counts_once_by_its_last() -> None:
    company = dated_company()
    lead = np.zeros(30, np.int64)
    batch = company.history.at(lead, np.arange(day(300), day(330), day(1) - day(0)))
    found = survey(batch)
    assert {sum(count.leads for count in cells.values()) for cells in found.columns.values()} == {1}
    assert all(count.leads == 1 for count in found.keys.values())


def test_the_set_is_kept_to_the_types_that_most_leads_show() -> None:
    events = [
        [an_event(f"type_{kind:02}", day(1), page=f"page {kind}") for kind in range(40) if lead % 40 <= kind]
        for lead in range(1_000)
    ]
    spec = spec_of_parts([survey(a_batch({}, events=events))], MAPPING)
    types = [key for key in spec.event_keys if key not in spec.detail_keys]
    assert len(types) == MOST_TYPES
    assert len(spec.detail_keys) == MOST_DETAILS
    assert types == sorted(f"type_{kind:02}" for kind in range(40 - MOST_TYPES, 40))


def test_a_type_that_bears_the_name_of_all_acts_or_of_a_channel_is_counted_nowhere() -> None:
    kinds = ("activity", "touches", "channel.web", "response", "buyer.step", "page_view")
    events = [[an_event(kind, day(1)) for kind in kinds] for _ in range(30)]
    assert spec_of_parts([survey(a_batch({}, events=events))], MAPPING).event_keys == ("page_view",)


def test_a_column_that_bears_the_name_of_a_feature_is_not_used_and_said() -> None:
    names = ("page_view.count.ever", "lead.age_days", "activity.pace", "lead.own")
    cells = {name: [f"{row}.5" for row in range(30)] for name in names}
    events = [[an_event("page_view", day(1))] for _ in range(30)]
    spec = spec_of_parts([survey(a_batch(cells, events=events))], MAPPING)
    assert len(set(spec.names)) == len(spec.names)
    assert [unused.name for unused in spec.unused] == list(names[:3])
    assert all("rename the column" in unused.why for unused in spec.unused)
    assert "lead.own" in spec.names


def test_nothing_merged_is_nothing() -> None:
    assert spec_of_parts([], MAPPING).columns == ()
    assert merged_surveys([]) == Survey({}, {})
