"""Values of a request, checked one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.cells import cell_rules
from features.times import TimeRules
from serving.wire.values import Faults, cell_at, json_at, moment_at, number_at, shown, text_at, time_at

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 4_000).map(lambda digits: 10**digits)
    | st.floats()
    | st.text(max_size=20)
    | st.integers().map(str),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)


@given(_json, st.sampled_from([None, "epoch_s", "epoch_ms", "%d.%m.%Y"]), st.booleans())
def test_a_value_is_taken_or_is_a_fault_that_shows_it_shortly(
    value: Any, time_format: str | None, day_end: bool
) -> None:
    rules = TimeRules(time_format)
    for read in (
        lambda faults: text_at("x", value, faults),
        lambda faults: time_at("x", value, rules, faults, day_end=day_end),
        lambda faults: moment_at("x", value, rules, 0, faults, day_end=day_end),
    ):
        faults = Faults()
        assert (read(faults) is None) == bool(faults)
        assert all(len(fault.found) <= 80 for fault in faults)
    for take in (
        cell_at,
        json_at,
        lambda where, value, faults: number_at(where, value, cell_rules(), faults),
    ):
        faults = Faults()
        take("x", value, faults)
        assert all(len(fault.found) <= 80 for fault in faults)


@pytest.mark.parametrize(
    "value",
    [10**4_299, -(10**400), "9" * 10_000, 1e300, float("inf")],
    ids=["many digits", "many less than nothing", "as text", "a float", "infinite"],
)
@pytest.mark.parametrize("time_format", ["epoch_s", "epoch_ms"])
def test_a_number_that_is_no_time_is_a_fault_of_its_field_alone(value: Any, time_format: str) -> None:
    faults = Faults()
    assert time_at("events[3].occurred_at", value, TimeRules(time_format), faults, day_end=True) is None
    [fault] = faults
    assert (fault.where, fault.found) == ("events[3].occurred_at", shown(value))
