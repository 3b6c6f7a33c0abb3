"""What followed moments, beside a slow count of the same."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_company import an_event

from features.batch import LeadBatch
from features.events import EventLog, event_log_of_rows, no_events
from features.following import Following, followed

KEYS = ("page_view", "page_view.pricing", "sales_call", "never_seen")
WINDOW = 7

EVENT = st.builds(
    an_event,
    st.sampled_from(["page_view", "sales_call", "unheard_of"]),
    st.integers(0, 30),
    page=st.sampled_from([None, "pricing", "blog"]),
    known_at=st.integers(0, 40),
)


def of(log: EventLog, owner: NDArray[np.int64], as_of: NDArray[np.int64]) -> LeadBatch:
    return LeadBatch(
        lead_ids=["L"] * len(owner), created_at=as_of, as_of=as_of, cells={}, events=log, owner=owner
    )


def slowly(events: list[dict[str, Any]], as_of: int, asked: Following) -> tuple[list[bool], bool]:
    next_ones = [
        event
        for event in events
        if as_of < event["occurred_at"] <= as_of + asked.window_us and event["known_at"] <= asked.known_by_us
    ]
    shown = {event["type"] for event in next_ones}
    shown |= {f"{event['type']}.{event['detail']}" for event in next_ones if event["detail"]}
    return [key in shown for key in asked.keys], bool(next_ones)


@given(
    st.lists(st.lists(EVENT, max_size=8), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 35)), max_size=12),
    st.integers(0, 40),
)
def test_what_followed_is_what_a_slow_count_finds(
    events: list[list[dict[str, Any]]], rows: list[tuple[int, int]], known_by: int
) -> None:
    asked = Following(keys=KEYS, window_us=WINDOW, known_by_us=known_by)
    owner = np.asarray([number % len(events) for number, _ in rows], np.int64)
    as_of = np.asarray([moment for _, moment in rows], np.int64)
    found = followed(of(event_log_of_rows(events, frozenset({"sales_call"})), owner, as_of), asked)
    for row in range(len(rows)):
        came, anything = slowly(events[owner[row]], as_of[row], asked)
        assert found.came[row].tolist() == came
        assert found.anything[row] == anything


def test_nothing_follows_where_there_are_no_events() -> None:
    asked = Following(keys=KEYS, window_us=WINDOW, known_by_us=99)
    found = followed(of(no_events(2), np.asarray([0, 1]), np.asarray([5, 5])), asked)
    assert not found.came.any()
    assert not found.anything.any()
    nobody = np.zeros(0, np.int64)
    assert followed(of(no_events(2), nobody, nobody), asked).came.shape == (0, len(KEYS))
