import math
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.events import EventLog, event_log_of_rows, no_events

TOUCHES = frozenset({"call", "mail"})
MOMENTS = st.integers(-3, 3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["visit", "call", "mail", "visit.blog"]),
            "occurred_at": MOMENTS,
            "known_at": MOMENTS,
            "detail": st.sampled_from([None, "", "blog", "docs"]),
            "value": st.sampled_from([None, math.nan, 0.0, 1.0, -2.5, 7]),
            "event_id": st.sampled_from([None, "a", "b", "c", "d", "e"]),
        }
    ),
    max_size=8,
)


def bits(log: EventLog) -> dict[str, Any]:
    """Return all that a log holds: types of arrays and bytes."""
    held = {field.name: getattr(log, field.name) for field in fields(log)}
    return {name: one if name == "keys" else (one.dtype, one.tobytes()) for name, one in held.items()}


def by_definition(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return type, detail, times, and value of the events that count, in order, one comparison at a time."""
    counted: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda row: (max(row["occurred_at"], row["known_at"]), row["occurred_at"])):
        if row["event_id"] is None or all(row["event_id"] != other["event_id"] for other in counted):
            counted.append(row)
    told = []
    for row in counted:
        value = math.inf if row["value"] is None or math.isnan(row["value"]) else float(row["value"])
        order = (row["occurred_at"], row["type"] not in TOUCHES, value, row["known_at"], row["type"])
        told.append((*order, "" if row["detail"] is None else f".{row['detail']}"))
    return sorted(told)


def read_back(log: EventLog) -> list[tuple[Any, ...]]:
    told = []
    for at in range(len(log.key)):
        kind, detail = log.keys[log.key[at]], int(log.detail_key[at])
        told.append(
            (
                int(log.occurred_at[at]),
                not bool(log.is_touch[at]),
                math.inf if np.isnan(log.value[at]) else float(log.value[at]),
                int(log.known_at[at]),
                kind,
                "" if detail < 0 else log.keys[detail].removeprefix(kind),
            )
        )
    return told


@given(ROWS)
def test_each_event_counts_once_in_an_order_that_the_events_themselves_settle(
    rows: list[dict[str, Any]],
) -> None:
    log = event_log_of_rows([rows], TOUCHES)
    assert read_back(log) == by_definition(rows)
    assert log.offsets.tolist() == [0, len(log.key)]


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_events_without_ids_make_the_same_log_in_whatever_order_they_come(
    both: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    given_so, otherwise = ([{**row, "event_id": None} for row in rows] for rows in both)
    log = event_log_of_rows([given_so], TOUCHES)
    assert bits(log) == bits(event_log_of_rows([otherwise], TOUCHES))


@given(st.lists(ROWS, max_size=4))
def test_a_log_of_many_leads_holds_what_the_logs_of_each_hold(leads: list[list[dict[str, Any]]]) -> None:
    together = event_log_of_rows(leads, TOUCHES)
    assert together.owners == len(leads)
    for owner, rows in enumerate(leads):
        alone = together.of(np.asarray([owner], np.int64))
        assert read_back(alone) == read_back(event_log_of_rows([rows], TOUCHES))


def test_a_lead_without_events_has_the_log_of_nobody() -> None:
    assert bits(event_log_of_rows([[]], TOUCHES)) == bits(no_events(1))
    assert bits(event_log_of_rows([], TOUCHES)) == bits(no_events(0))
