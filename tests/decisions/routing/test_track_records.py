import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.routing.rep import Load, Record
from decisions.routing.track_records import response_times_us, win_rates

MINUTE_US = 60_000_000
records = st.builds(Record, st.integers(0, 300), st.integers(0, 300))


def wins(**by_rep: tuple[int, int]) -> dict[str, Load]:
    return {rep: Load(records={"industry=software": Record(*both)}) for rep, both in by_rep.items()}


def test_three_of_three_does_not_beat_a_long_good_record() -> None:
    rates = win_rates(wins(lucky=(3, 0), good=(60, 40), poor=(20, 180)), "industry=software")
    assert rates["good"] > rates["lucky"] > rates["poor"]


def test_where_nobody_has_a_record_of_the_segment_all_segments_count() -> None:
    loads = {"ana": Load(records={"": Record(50, 50)}), "ben": Load(records={"": Record(5, 95)})}
    rates = win_rates(loads, "industry=chemistry")
    assert rates["ana"] > rates["ben"]
    assert set(win_rates({"ana": Load(), "ben": Load()}, "").values()) == {0.5}


@given(st.dictionaries(st.sampled_from("abcdef"), records, min_size=1))
def test_a_rate_lies_between_the_reps_own_and_that_of_all(by_rep: dict[str, Record]) -> None:
    rates = win_rates({rep: Load(records={"": record}) for rep, record in by_rep.items()}, "")
    ended = sum(record.ended for record in by_rep.values())
    mean = sum(record.wins for record in by_rep.values()) / ended if ended else 0.5
    for rep, record in by_rep.items():
        own = record.wins / record.ended if record.ended else mean
        assert min(own, mean) - 1e-9 <= rates[rep] <= max(own, mean) + 1e-9


def test_the_more_reps_differ_the_less_they_are_shrunk() -> None:
    """The first four differ as chance lets equal reps differ, the others far more."""
    alike = win_rates(wins(a=(20, 80), b=(22, 78), c=(18, 82), d=(20, 80)), "industry=software")
    apart = win_rates(wins(a=(5, 95), b=(50, 50), c=(2, 98), d=(23, 77)), "industry=software")
    assert alike["b"] == pytest.approx(0.2, abs=0.005)
    assert apart["b"] == pytest.approx(0.5, abs=0.05)


def test_one_quick_answer_is_not_taken_for_a_habit() -> None:
    times = response_times_us(
        {
            "new": Load(),
            "once": Load(median_response_us=MINUTE_US, responses=1),
            "quick": Load(median_response_us=5 * MINUTE_US, responses=100),
            "slow": Load(median_response_us=60 * MINUTE_US, responses=100),
        }
    )
    assert times["quick"] < times["once"] < times["new"] < times["slow"]


def test_where_nobody_has_answered_yet_all_are_alike() -> None:
    assert len(set(response_times_us({"ana": Load(), "ben": Load()}).values())) == 1
