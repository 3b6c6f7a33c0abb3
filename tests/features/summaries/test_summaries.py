from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.durations import DAY_US
from features.events import event_log_of_rows
from features.lead_log import FIELDS, NO_EVENTS, VALUE, LeadLog
from features.summaries import NEVER_DAYS, Summariser, Summary

NOW = 1_000 * DAY_US
TYPES = ("page_view", "demo_requested", "sales_call", "feature_used")
TOUCHES = frozenset({"sales_call"})
SUMMARIES = {
    "acts": Summary(),
    "acts_7d": Summary(within_us=7 * DAY_US),
    "touches": Summary(by="us"),
    "pricing": Summary(keys=frozenset({"page_view.pricing", "demo_requested"}), within_us=30 * DAY_US),
    "calls": Summary(keys=frozenset({"sales_call"}), gives="days_since"),
    "features": Summary(keys=frozenset({"feature_used"}), gives="kinds"),
    "kinds": Summary(gives="kinds", within_us=90 * DAY_US),
}
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(TYPES),
            "detail": st.sampled_from([None, "pricing", "demo"]),
            "occurred_at": st.integers(NOW - 100 * DAY_US, NOW + DAY_US),
            "late": st.integers(0, 2) | st.just(50 * DAY_US),
        }
    ),
    max_size=30,
)


def rows_of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "type": e["type"], "detail": e["detail"], "occurred_at": e["occurred_at"],
            "known_at": e["occurred_at"] + e["late"], "value": None,
        }
        for e in events
    ]  # fmt: skip


def by_definition(events: list[dict[str, Any]], as_of: int, summary: Summary) -> float:
    seen = []
    for e in rows_of(events):
        if e["occurred_at"] > as_of or e["known_at"] > as_of:
            continue
        if summary.within_us is not None and as_of - e["occurred_at"] >= summary.within_us:
            continue
        names = {e["type"], f"{e['type']}.{e['detail']}"}
        side = "us" if e["type"] in TOUCHES else "lead"
        if (names & summary.keys) if summary.keys else side == summary.by:
            seen.append(e)
    if summary.gives == "count":
        return len(seen)
    if summary.gives == "kinds":
        return len({(e["type"], e["detail"]) for e in seen})
    return min(((as_of - e["occurred_at"]) / DAY_US for e in seen), default=NEVER_DAYS)


def lead_log(events: list[dict[str, Any]]) -> LeadLog:
    if not events:
        return NO_EVENTS
    log = event_log_of_rows([rows_of(events)], TOUCHES)
    held = np.zeros((FIELDS + 1, len(events)), np.int64)
    held[0], held[1] = log.occurred_at, log.known_at
    held[2], held[3], held[4] = log.key, log.detail_key, log.is_touch
    held[VALUE].view(np.float64)[:] = log.value
    return LeadLog(held[:, ::-1].copy(), len(events), log.keys)


@given(EVENTS, st.integers(NOW - 50 * DAY_US, NOW))
def test_each_summary_is_what_its_definition_says(events: list[dict[str, Any]], as_of: int) -> None:
    found = Summariser(SUMMARIES).of_lead(lead_log(events), as_of)
    assert found == [by_definition(events, as_of, one) for one in SUMMARIES.values()]


@given(st.lists(EVENTS, min_size=1, max_size=4), st.integers(NOW - 50 * DAY_US, NOW))
def test_many_leads_have_the_summaries_of_each_alone(leads: list[list[dict[str, Any]]], as_of: int) -> None:
    summariser = Summariser(SUMMARIES)
    log = event_log_of_rows([rows_of(events) for events in leads], TOUCHES)
    owner = np.arange(len(leads), dtype=np.int64)
    found = summariser.of_log(log, owner, np.full(len(leads), as_of))
    assert found == [summariser.of_lead(lead_log(events), as_of) for events in leads]


def test_what_never_happened_is_longer_ago_than_anything() -> None:
    [days] = Summariser({"calls": SUMMARIES["calls"]}).of_lead(NO_EVENTS, NOW)
    assert days == pytest.approx(NEVER_DAYS)
