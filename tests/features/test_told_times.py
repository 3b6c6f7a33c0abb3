"""Moments in words, and back."""

from hypothesis import given
from hypothesis import strategies as st
from small_company import day

from features.told_times import day_of, moment_from, moment_of


@given(st.integers(-(10**15), 5 * 10**15))
def test_a_moment_that_is_told_is_read_back(moment: int) -> None:
    assert moment_from(moment_of(moment)) == moment
    assert moment_of(moment).startswith(day_of(moment))


def test_a_moment_is_read_with_its_zone() -> None:
    assert moment_from(None) is None
    assert moment_from("2024-01-02T01:00:00+01:00") == day(1)
