"""The kernel against a slow count in plain Python, written from the design alone."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_batch, an_event, day

from features.batch import LeadBatch
from features.durations import DAY_US
from features.spec import FeatureSpec
from features.vectors import vectorise

AS_OF = day(200)
SPEC = FeatureSpec(
    columns=(),
    unused=(),
    event_keys=("email_opened", "page_view", "page_view.pricing", "sales_call"),
    touch_keys=("sales_call",),
    has_age=False,
    has_events=True,
    missing=(),
    decimal=".",
)
EDGES = [days * DAY_US + us for days in (0, 1, 7, 30, 90) for us in (-1, 0, 1)]
MOMENTS = st.one_of(
    st.sampled_from(EDGES),
    st.integers(-40, 300).map(lambda hours: hours * DAY_US // 8),
    st.integers(0, 10**13),
).map(lambda age: AS_OF - age)
EVENTS = st.builds(
    an_event,
    st.sampled_from(["page_view", "email_opened", "sales_call", "badge_scanned"]),
    MOMENTS,
    page=st.sampled_from([None, None, "pricing", "blog"]),
    known_at=st.one_of(st.none(), MOMENTS),
    event_id=st.one_of(st.none(), st.sampled_from(["e1", "e2", "e3"])),
)
"""Events around the ends of every window, some of them after the moment, known late, or sent twice."""


def counted_slowly(events: list[dict[str, Any]], as_of: int) -> dict[str, float]:
    """Return every event feature of one lead by name, as the design's words say."""
    once: dict[str, dict[str, Any]] = {}
    for number, event in enumerate(events):
        name = event["event_id"] or f"no id {number}"
        if name not in once or _times_of(event) < _times_of(once[name]):
            once[name] = event
    visible = [e for e in once.values() if e["occurred_at"] <= as_of and e["known_at"] <= as_of]
    acts = [event for event in visible if event["type"] in {"page_view", "email_opened"}]
    subjects = {
        "email_opened": [e for e in visible if e["type"] == "email_opened"],
        "page_view": [e for e in visible if e["type"] == "page_view"],
        "page_view.pricing": [e for e in visible if e["type"] == "page_view" and e["page"] == "pricing"],
        "sales_call": [e for e in visible if e["type"] == "sales_call"],
        "activity": acts,
        "touches": [e for e in visible if e["type"] == "sales_call"],
    }
    told: dict[str, float] = {}
    for window, days in (("7d", 7), ("30d", 30), ("90d", 90), ("ever", 10_000)):
        for name, of_name in subjects.items():
            inside = [e for e in of_name if as_of - days * DAY_US < e["occurred_at"] <= as_of]
            told[f"{name}.count.{window}"] = float(len(inside))
            if name == "activity":
                on = {e["occurred_at"] // DAY_US for e in inside}
                told[f"activity.active_days.{window}"] = float(len(on))
    for name, of_name in subjects.items():
        told[f"{name}.days_since"] = _days(as_of, max((e["occurred_at"] for e in of_name), default=None))
    times = sorted(event["occurred_at"] for event in acts)
    told["activity.days_since_first"] = _days(as_of, times[0] if times else None)
    told["activity.days_since_previous"] = _days(as_of, times[-2] if len(times) > 1 else None)
    return told


def _times_of(event: dict[str, Any]) -> tuple[int, int]:
    return max(event["occurred_at"], event["known_at"]), event["occurred_at"]


def _days(as_of: int, when: int | None) -> float:
    return math.nan if when is None else (as_of - when) / DAY_US


def measured(batch: LeadBatch) -> list[dict[str, float]]:
    """Return the kernel's features by name, one dictionary a row."""
    return [dict(zip(SPEC.names, row, strict=True)) for row in vectorise(SPEC, batch).values.tolist()]


@given(st.lists(st.lists(EVENTS, max_size=12), min_size=1, max_size=4))
def test_the_kernel_counts_as_plain_words_say(logs: list[list[dict[str, Any]]]) -> None:
    slow = [counted_slowly(events, AS_OF) for events in logs]
    fast = measured(a_batch({}, as_of=[AS_OF] * len(logs), events=logs))
    for row, told in zip(fast, slow, strict=True):
        assert row.keys() == told.keys()
        np.testing.assert_equal(row, told)


@pytest.mark.parametrize(("window", "days"), [("7d", 7), ("30d", 30), ("90d", 90)])
def test_a_window_is_open_at_its_start_and_closed_at_its_end(window: str, days: int) -> None:
    for age, inside in [(0, 1.0), (days * DAY_US - 1, 1.0), (days * DAY_US, 0.0), (-1, 0.0)]:
        batch = a_batch({}, as_of=[AS_OF], events=[[an_event("page_view", AS_OF - age)]])
        (row,) = measured(batch)
        assert row[f"page_view.count.{window}"] == inside
        assert row[f"activity.active_days.{window}"] == inside


def test_an_event_counts_from_when_it_was_known_at_the_time_it_occurred() -> None:
    event = an_event("page_view", AS_OF - 10 * DAY_US, known_at=AS_OF)
    before, after = measured(a_batch({}, as_of=[AS_OF - 1, AS_OF], events=[[event], [event]]))
    assert before["page_view.count.ever"] == 0.0
    assert after["page_view.count.ever"] == 1.0
    assert after["page_view.count.7d"] == 0.0
    assert after["page_view.days_since"] == 10.0


def test_a_touch_is_no_activity() -> None:
    (row,) = measured(a_batch({}, as_of=[AS_OF], events=[[an_event("sales_call", AS_OF)]]))
    assert row["touches.count.7d"] == row["sales_call.count.7d"] == 1.0
    assert row["activity.count.ever"] == row["activity.active_days.ever"] == 0.0
    assert math.isnan(row["activity.days_since"])


def test_of_events_that_share_an_id_the_first_visible_counts_in_whatever_order_they_come() -> None:
    early, late = (an_event("page_view", day(n), event_id="e1") for n in (150, 199))
    rows = measured(a_batch({}, as_of=[AS_OF] * 2, events=[[early, late], [late, early]]))
    assert [row["page_view.days_since"] for row in rows] == [50.0, 50.0]
    assert [row["page_view.count.ever"] for row in rows] == [1.0, 1.0]


def test_the_same_id_at_two_leads_is_two_events() -> None:
    event = an_event("page_view", AS_OF, event_id="e1")
    rows = measured(a_batch({}, as_of=[AS_OF] * 2, events=[[event], [event]]))
    assert [row["page_view.count.ever"] for row in rows] == [1.0, 1.0]


def test_a_lead_without_events_has_counts_of_zero_and_no_days_since() -> None:
    (row,) = measured(a_batch({}, as_of=[AS_OF], events=[[]]))
    for name, value in row.items():
        assert math.isnan(value) if "since" in name else value == 0.0
