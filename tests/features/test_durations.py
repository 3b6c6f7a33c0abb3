"""Lengths of time as people write them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping

from features.durations import DAY_US, microseconds, spelled
from features.errors import InputError


@given(length=st.integers(0, 10_000 * DAY_US))
def test_a_length_that_is_spelled_is_read_back(length: int) -> None:
    assert microseconds(spelled(length)) == length


@pytest.mark.parametrize("number", [90, 1.5, "90", " 90 ", "1.5", "3 5", "-5", True])
def test_a_number_without_a_unit_is_no_length(number: Any) -> None:
    with pytest.raises(ValueError, match="such as '90 days', found"):
        microseconds(number)


def test_zero_is_zero_in_any_unit() -> None:
    assert microseconds("0") == microseconds("0 days") == 0


@pytest.mark.parametrize("horizon", [90, "90"])
def test_a_horizon_without_a_unit_is_refused(horizon: Any) -> None:
    with pytest.raises(InputError, match=r"horizon.*such as '90 days', found '?90'?, which has no unit"):
        a_mapping(training={"horizon": horizon})
