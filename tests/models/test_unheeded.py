from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_batch, a_mapping, an_event, day

from features.batch import LeadBatch
from features.columns import Column
from features.events import event_log_of_rows
from features.spec import FeatureSpec
from features.vectors import vectorise
from models.unheeded import Unheeded

SPEC = FeatureSpec(
    columns=(Column(name="employees", kind="number", family="fit"),),
    unused=(),
    event_keys=("page_view", "page_view.pricing", "call.inbound"),
    touch_keys=(),
    has_age=False,
    has_events=True,
    missing=(),
    decimal=".",
    detail_keys=("page_view.pricing", "call.inbound"),
)
UNHEEDED = Unheeded(SPEC, a_mapping())
LATE = "Events that came after as_of, or were known only then, were not counted."

EVENTS = st.builds(
    lambda kind, page, occurred, known: an_event(kind, day(occurred), page=page, known_at=day(known)),
    st.sampled_from(["page_view", "call", "telepathy", "page_view.pricing", "fax"]),
    st.sampled_from([None, "pricing", "blog"]),
    st.integers(0, 6),
    st.integers(0, 6),
)
LEADS = st.lists(st.lists(EVENTS, max_size=5), min_size=1, max_size=5)


def by_definition(events: list[dict[str, Any]], as_of: int) -> tuple[str, ...]:
    """Return what is told of one lead's events, event by event."""
    unknown = sorted({event["type"] for event in events} - {"page_view", "call", "page_view.pricing"})
    late = any(max(event["occurred_at"], event["known_at"]) > as_of for event in events)
    return (*(f"Events of type '{name}' are not known to the model." for name in unknown), *[LATE] * late)


@given(leads=LEADS, rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=8))
def test_of_each_row_is_told_what_of_its_own_events_was_not_counted(
    leads: list[list[dict[str, Any]]], rows: list[tuple[int, int]]
) -> None:
    rows = [(owner % len(leads), day(moment)) for owner, moment in rows]
    batch = LeadBatch(
        lead_ids=["L"] * len(rows),
        created_at=np.zeros(len(rows), np.int64),
        as_of=np.asarray([moment for _, moment in rows], np.int64),
        cells={},
        events=event_log_of_rows(leads, frozenset()),
        owner=np.asarray([owner for owner, _ in rows], np.int64),
    )
    assert UNHEEDED.of_events(batch) == [by_definition(leads[owner], moment) for owner, moment in rows]


def test_a_column_that_was_left_out_on_purpose_is_not_called_unknown() -> None:
    mapping = a_mapping()
    leads = mapping.leads.model_copy(update={"exclude": ("secret",)})
    unheeded = Unheeded(SPEC, mapping.model_copy(update={"leads": leads}))
    batch = a_batch({"shoe": [1], "employees": [2], "secret": [3], "age": [4]})
    assert unheeded.of_columns(batch, vectorise(SPEC, batch)) == (
        "Column 'age' is not known to the model and was ignored.",
        "Column 'shoe' is not known to the model and was ignored.",
    )


def test_what_was_not_sent_is_told_otherwise_than_what_the_store_does_not_know() -> None:
    batch = a_batch({"shoe": [1]})
    stored = replace(batch, is_stored=True)
    (_, sent), (_, kept) = (UNHEEDED.of_columns(one, vectorise(SPEC, one)) for one in (batch, stored))
    assert sent == "Column 'employees' was not sent and counts as not known."
    assert kept == "Column 'employees' is not known of the lead."
