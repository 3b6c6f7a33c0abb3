from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from serving.access.sliding_minute import SlidingMinute

PAUSES = st.lists(st.floats(0, 40) | st.sampled_from([0.0, 0.01, 30.0, 60.0, 119.9, 200.0]), max_size=60)


@given(st.integers(1, 9), st.floats(0, 1e6), PAUSES)
def test_no_minute_of_the_clock_lets_more_pass_than_the_limit(
    limit: int, start: float, pauses: list[float]
) -> None:
    count, now, passed = SlidingMinute(), start, Counter[int]()
    for pause in pauses:
        now += pause
        passed[int(now // 60)] += count.passes(limit, now)
    assert all(many <= limit for many in passed.values())


@given(st.integers(1, 9), st.floats(0, 1e6), PAUSES)
def test_who_was_refused_waits_at_most_a_minute_and_passes_after_two(
    limit: int, start: float, pauses: list[float]
) -> None:
    count, now = SlidingMinute(), start
    for pause in pauses:
        now += pause
        if not count.passes(limit, now):
            assert 0 <= count.seconds_until_free(limit, now) <= 60
    assert count.passes(limit, now + 120)


def test_what_was_asked_a_minute_ago_counts_by_the_share_of_it_that_is_not_over() -> None:
    count = SlidingMinute()
    assert [count.passes(4, 59.0) for _ in range(5)] == [True] * 4 + [False]
    assert count.seconds_until_free(4, 59.0) == 1.0
    assert not count.passes(4, 60.0)
    assert count.seconds_until_free(4, 60.0) == 15.0
    assert [count.passes(4, 76.0), count.passes(4, 76.0)] == [True, False]
    assert [count.passes(4, 240.0) for _ in range(5)] == [True] * 4 + [False]
