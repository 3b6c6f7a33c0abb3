"""A log with more events is the log that all of them together would have made."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import an_event

from features.added_events import seen, with_more
from features.events import EventLog, event_log_of_rows, no_events

TOUCHES = frozenset({"sales_call"})
EVENT = st.builds(
    an_event,
    st.sampled_from(["page_view", "sales_call"]),
    st.integers(0, 5),
    page=st.sampled_from([None, "pricing"]),
    value=st.sampled_from([None, 1.0, 2.0]),
    known_at=st.integers(0, 6),
)
OF_TWO = st.tuples(st.lists(EVENT, max_size=6), st.lists(EVENT, max_size=6))


def told(log: EventLog) -> list[list[tuple[Any, ...]]]:
    """Return the events of each owner, in what the order of the log settles."""
    keys = [*log.keys, None]
    rows = [
        (at, not touch, str(value), known, keys[key], keys[detail])
        for at, touch, value, known, key, detail in zip(
            log.occurred_at.tolist(),
            log.is_touch.tolist(),
            log.value.tolist(),
            log.known_at.tolist(),
            log.key.tolist(),
            log.detail_key.tolist(),
            strict=True,
        )
    ]
    return [rows[start:stop] for start, stop in zip(log.offsets, log.offsets[1:], strict=False)]


def settled(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return what no tie leaves open: times, touches and values in order, and which events there are."""
    return [row[:3] for row in rows] + sorted(rows, key=str)


@given(OF_TWO, OF_TWO)
def test_more_events_give_the_log_of_all(one: Any, more: Any) -> None:
    added = with_more(event_log_of_rows(one, TOUCHES), event_log_of_rows(more, TOUCHES))
    whole = event_log_of_rows([[*a, *b] for a, b in zip(one, more, strict=True)], TOUCHES)
    assert [settled(rows) for rows in told(added)] == [settled(rows) for rows in told(whole)]


@given(OF_TWO)
def test_no_more_events_leave_every_bit_as_it_is(events: Any) -> None:
    log = event_log_of_rows(events, TOUCHES)
    again = with_more(log, no_events(2))
    for field in fields(EventLog):
        held, found = getattr(log, field.name), getattr(again, field.name)
        assert held == found if field.name == "keys" else held.tobytes() == found.tobytes()


@given(OF_TWO, st.integers(0, 6))
def test_what_is_seen_is_what_was_known_by_then(events: Any, as_of: int) -> None:
    found = seen(event_log_of_rows(events, TOUCHES), as_of)
    visible = [[e for e in of if max(e["occurred_at"], e["known_at"]) <= as_of] for of in events]
    assert [sorted(rows, key=str) for rows in told(found)] == [
        sorted(rows, key=str) for rows in told(event_log_of_rows(visible, TOUCHES))
    ]


def test_logs_of_others_are_refused() -> None:
    with pytest.raises(ValueError, match="expected logs of the same owners, found 1 and 2"):
        with_more(no_events(1), no_events(2))
    assert np.array_equal(with_more(no_events(2), no_events(2)).offsets, [0, 0, 0])
