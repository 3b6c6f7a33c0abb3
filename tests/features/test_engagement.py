"""The kernel against a slow count in plain Python, written from the design alone."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_batch, an_event, day

from features.batch import LeadBatch
from features.durations import DAY_US
from features.events import event_log
from features.spec import FeatureSpec
from features.vectors import vectorise

AS_OF = day(200)
SPEC = FeatureSpec(
    columns=(),
    unused=(),
    event_keys=("email_opened", "form_submitted", "page_view", "page_view.pricing", "sales_call"),
    touch_keys=("sales_call",),
    has_age=False,
    has_events=True,
    missing=(),
    decimal=".",
    detail_keys=("page_view.pricing",),
    single_keys=("email_opened",),
    value_keys=("form_submitted", "sales_call"),
    channels=("web",),
)
ACTS = {"page_view", "form_submitted", "email_opened"}
EDGES = [days * DAY_US + us for days in (0, 1, 7, 30, 90) for us in (-1, 0, 1)]
MOMENTS = st.one_of(
    st.sampled_from(EDGES),
    st.integers(-40, 300).map(lambda hours: hours * DAY_US // 8),
    st.integers(0, 10**13),
).map(lambda age: AS_OF - age)
EVENTS = st.builds(
    an_event,
    st.sampled_from(["page_view", "email_opened", "form_submitted", "sales_call", "badge_scanned"]),
    MOMENTS,
    value=st.one_of(st.none(), st.just(math.nan), st.floats(-1e6, 1e6)),
    page=st.sampled_from([None, None, "pricing", "blog"]),
    known_at=st.one_of(st.none(), MOMENTS),
    event_id=st.one_of(st.none(), st.sampled_from(["e1", "e2", "e3"])),
)
"""Events around the ends of every window, some of them after the moment, known late, or sent twice."""


def counted_slowly(  # noqa: C901  # one list of everything that is measured
    events: list[dict[str, Any]], as_of: int
) -> dict[str, float]:
    """Return every event feature of one lead by name, as the design's words say."""
    once: dict[str, dict[str, Any]] = {}
    for number, event in enumerate(events):
        name = event["event_id"] or f"no id {number}"
        if name not in once or _times_of(event) < _times_of(once[name]):
            once[name] = event
    visible = [e for e in once.values() if e["occurred_at"] <= as_of and e["known_at"] <= as_of]
    visible.sort(key=lambda e: (e["occurred_at"], e["type"] in ACTS, *_known_first(e["value"])))
    acts = [event for event in visible if event["type"] in ACTS]
    touches = [event for event in visible if event["type"] == "sales_call"]
    subjects = {
        "email_opened": [e for e in visible if e["type"] == "email_opened"],
        "form_submitted": [e for e in visible if e["type"] == "form_submitted"],
        "page_view": [e for e in visible if e["type"] == "page_view"],
        "page_view.pricing": [e for e in visible if e["type"] == "page_view" and e["detail"] == "pricing"],
        "sales_call": touches,
        "channel.web": [e for e in visible if e["type"] in {"page_view", "form_submitted"}],
        "activity": acts,
        "touches": touches,
    }
    told: dict[str, float] = {}
    for window, days in (("7d", 7), ("30d", 30), ("90d", 90), ("ever", 10_000)):
        for name, of_name in subjects.items():
            inside = [e for e in of_name if as_of - days * DAY_US < e["occurred_at"] <= as_of]
            if window in {"email_opened": {"ever"}, "channel.web": {"30d", "ever"}}.get(name, {window}):
                told[f"{name}.count.{window}"] = float(len(inside))
            if name == "activity":
                on = {e["occurred_at"] // DAY_US for e in inside}
                told[f"activity.active_days.{window}"] = float(len(on))
            if name in SPEC.value_keys and window in {"90d", "ever"}:
                told[f"{name}.value_sum.{window}"] = _sum_of([e["value"] for e in inside])
    for name, of_name in subjects.items():
        times = [e["occurred_at"] for e in of_name]
        told[f"{name}.days_since"] = _days(as_of, max(times, default=None))
        if name in {"form_submitted", "page_view", "sales_call", "activity"}:
            told[f"{name}.days_since_first"] = _days(as_of, min(times, default=None))
        if name in SPEC.value_keys:
            values = [e["value"] for e in of_name if _is_number(e["value"])]
            told[f"{name}.value_max"] = max(values, default=math.nan)
        if name in {"activity", "channel.web"}:
            for half_life in (7, 28, 112):
                ages = [(as_of - when) / DAY_US for when in times]
                told[f"{name}.decayed.{half_life}d"] = sum(2.0 ** -(age / half_life) for age in ages)
    times = [event["occurred_at"] for event in acts]
    told["activity.days_since_previous"] = _days(as_of, times[-2] if len(times) > 1 else None)
    told |= _pace(times, as_of) | _channels(acts) | _furthest(acts, as_of) | _answers(visible)
    return told


def _known_first(value: float | None) -> tuple[bool, float]:
    return (False, value) if value is not None and _is_number(value) else (True, 0.0)


def _is_number(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _sum_of(values: list[float | None]) -> float:
    total = 0.0
    for value in values:
        total += value if value is not None and _is_number(value) else 0.0
    return total


def _pace(times: list[int], as_of: int) -> dict[str, float]:
    recent = sum(as_of - when < 14 * DAY_US for when in times) / 14
    before = sum(14 * DAY_US <= as_of - when < 90 * DAY_US for when in times) / 76
    return {"activity.pace": recent / before if before else math.nan}


def _channels(acts: list[dict[str, Any]]) -> dict[str, float]:
    if not acts:
        return {"channel.first": math.nan, "channel.last": math.nan}
    code = {"page_view": 0, "form_submitted": 0, "email_opened": 1}
    first, last = acts[0]["occurred_at"], acts[-1]["occurred_at"]
    return {
        f"channel.{which}": float(min(code[e["type"]] for e in acts if e["occurred_at"] == when))
        for which, when in (("first", first), ("last", last))
    }


def _furthest(acts: list[dict[str, Any]], as_of: int) -> dict[str, float]:
    steps = {"page_view": 1, "email_opened": 1, "form_submitted": 2}
    reached = [3 if e["type"] == "page_view" and e["detail"] == "pricing" else steps[e["type"]] for e in acts]
    step = max(reached, default=0)
    when = [e["occurred_at"] for e, at in zip(acts, reached, strict=True) if at == step]
    return {"buyer.step": float(step), "buyer.step.days": _days(as_of, when[0] if when else None)}


def _answers(visible: list[dict[str, Any]]) -> dict[str, float]:
    """Follow each known event in time; touches stand before acts of the same moment."""
    known = [e for e in visible if e["type"] in ACTS or e["type"] == "sales_call"]
    touched, answered, waits = 0, 0, math.nan
    for event, following in zip(known, [*known[1:], None], strict=False):
        if event["type"] != "sales_call":
            continue
        touched += 1
        if following is not None and following["type"] in ACTS:
            wait = following["occurred_at"] - event["occurred_at"]
            if wait <= 7 * DAY_US:
                answered, waits = answered + 1, wait / DAY_US
    kinds = [event["type"] in ACTS for event in known]
    unanswered = len(kinds) - (max((i for i, act in enumerate(kinds) if act), default=-1) + 1)
    return {
        "response.answered_share": answered / touched if touched else math.nan,
        "response.days_to_answer": waits,
        "response.unanswered": float(unanswered),
    }


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
        for name, value in told.items():
            # Powers of two by another way, and values added up: equal but for rounding.
            close = 1e-12 if ".decayed." in name or ".pace" in name else 0.0
            np.testing.assert_allclose(row[name], value, rtol=close, atol=0.0, err_msg=name)


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
        counted = (".count.", ".active_days.", ".decayed.", ".value_sum.", ".unanswered")
        is_zero = name == "buyer.step" or any(part in name for part in counted)
        assert value == 0.0 if is_zero else math.isnan(value), name


def test_the_order_in_which_events_of_one_moment_come_moves_no_bit() -> None:
    one = [an_event("form_submitted", AS_OF, value=value) for value in (0.1, 1e9, -1e9, 0.3)]
    other = [an_event("sales_call", AS_OF), an_event("email_opened", AS_OF), an_event("page_view", AS_OF)]
    logs = [[*one, *other], [*reversed(other), *reversed(one)], [one[2], *other, one[0], one[3], one[1]]]
    rows = vectorise(SPEC, a_batch({}, as_of=[AS_OF] * 3, events=logs)).values
    assert rows[0].tobytes() == rows[1].tobytes() == rows[2].tobytes()


@given(st.lists(st.lists(EVENTS, max_size=8), min_size=1, max_size=4))
def test_a_log_of_rows_and_a_log_of_columns_are_the_same_log(logs: list[list[dict[str, Any]]]) -> None:
    rows = [{**e, "event_id": None} for events in logs for e in events]
    owner = np.asarray([o for o, events in enumerate(logs) for _ in events], np.int64)
    kinds = sorted({e["type"] for e in rows})
    details = sorted({e["detail"] for e in rows if e["detail"]})
    columns = event_log(
        owners=len(logs),
        owner=owner,
        occurred_at=np.asarray([e["occurred_at"] for e in rows], np.int64),
        known_at=np.asarray([e["known_at"] for e in rows], np.int64),
        types=(np.asarray([kinds.index(e["type"]) for e in rows], np.int32), kinds),
        details=(
            np.asarray([details.index(e["detail"]) if e["detail"] else -1 for e in rows], np.int32),
            details,
        ),
        is_touch=np.asarray([e["type"] == "sales_call" for e in rows], np.bool_),
        value=np.asarray([math.nan if e["value"] is None else e["value"] for e in rows], np.float64),
    )
    stripped = [[{**e, "event_id": None} for e in events] for events in logs]
    batch = a_batch({}, as_of=[AS_OF] * len(logs), events=stripped)
    expected = vectorise(SPEC, batch).values
    assert vectorise(SPEC, replace(batch, events=columns)).values.tobytes() == expected.tobytes()


def test_many_rows_on_several_threads_have_the_bits_of_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ("page_view", "form_submitted", "sales_call", "email_opened")
    logs = [
        [an_event(kinds[(o + e) % 4], day(e * 3), value=e / 7) for e in range(o % 60)] for o in range(400)
    ]
    batch = a_batch({}, as_of=[day(100 + o % 90) for o in range(400)], events=logs)
    alone = vectorise(SPEC, batch).values
    monkeypatch.setattr("features.engagement.THREADED_ROWS", 50)
    monkeypatch.setattr("features.engagement.usable_processors", lambda: 4)
    assert vectorise(SPEC, batch).values.tobytes() == alone.tobytes()
