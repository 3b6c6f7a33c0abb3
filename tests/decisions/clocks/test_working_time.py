from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from decisions.clocks.working_time import REP_ALWAYS, WorkingTime
from features.durations import DAY_US

pytestmark = pytest.mark.proof(part="clocks")

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
NINE_TO_FIVE = (((540, 1_020),),) * 5 + ((), ())
CHANGES = (
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),  # by half an hour
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Asia/Beirut", "2026-03-28T22:00"),  # at midnight: the day begins at one
    ("Asia/Beirut", "2026-10-24T21:00"),  # at midnight: an hour of the day before comes again
    ("Pacific/Apia", "2011-12-30T10:00"),  # a whole day is left out
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("Africa/Monrovia", "1972-01-07T00:44:30"),  # by seconds
)
"""Zones, and moments (UTC) about which their clocks change."""


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local_of(moment: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).astimezone(ZoneInfo(zone))


def is_open_by_definition(hours: WorkingTime, moment: int) -> bool:
    """What a clock on the wall says, looked at at this moment."""
    here = local_of(moment, hours.zone)
    minute, today = here.hour * 60 + here.minute, here.date()
    started_here = ((today, minute), (today - timedelta(days=1), minute + 1_440))
    works = any(
        day not in hours.holidays and any(start <= since < end for start, end in hours.week[day.weekday()])
        for day, since in started_here
    )
    return works and not any(start <= moment < end for start, end in hours.off)


@cache
def zones() -> list[str]:
    return sorted(available_timezones())


@st.composite
def spans(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Spans of a day: some by chance, some at the hours at which clocks change, some across midnight."""
    starts = st.sampled_from([0, 60, 90, 120, 150, 1_320, 1_380, 1_410]) | st.integers(0, 1_439)
    found = draw(st.lists(st.tuples(starts, st.integers(1, 1_440)), max_size=3))
    return tuple((start, start + length) for start, length in found)


@st.composite
def about_a_change(draw: st.DrawFn) -> tuple[WorkingTime, int]:
    """Working time in some zone, and a moment, most often a day or two from a change of clocks."""
    zone, change = draw(
        st.sampled_from(CHANGES)
        | st.tuples(st.sampled_from(zones()), st.just("2026-03-29T01:00") | st.just("2040-10-28T01:00"))
    )
    moment = (
        at(change) + draw(st.integers(-3 * 1_440, 3 * 1_440)) * MINUTE_US + draw(st.integers(0, 59_999_999))
    )
    day = local_of(moment, zone).date()
    near = st.integers(-4, 4).map(lambda days: day + timedelta(days=days))
    off = st.tuples(st.integers(-5 * DAY_US, 5 * DAY_US), st.integers(1, 2 * DAY_US))
    return (
        WorkingTime(
            zone,
            tuple(draw(st.lists(spans(), min_size=7, max_size=7))),
            draw(st.frozensets(near, max_size=2)),
            tuple(
                (moment + start, moment + start + length) for start, length in draw(st.lists(off, max_size=3))
            ),
        ),
        moment,
    )


FOR_A_WHILE = st.integers(0, 5 * DAY_US) | st.integers(0, 900 * DAY_US)


@given(about_a_change(), st.integers(-2 * 1_440, 2 * 1_440))
def test_it_is_open_when_the_clock_on_the_wall_says_so(made: tuple[WorkingTime, int], minutes: int) -> None:
    hours, moment = made
    for minute in range(minutes, minutes + 90):
        then = moment + minute * MINUTE_US
        assert hours.is_open(then) == is_open_by_definition(hours, then)


@given(about_a_change(), st.integers(0, 1_440))
def test_working_time_is_what_passes_while_it_is_open(made: tuple[WorkingTime, int], minutes: int) -> None:
    hours, moment = made
    hours = WorkingTime(hours.zone, hours.week, hours.holidays)  # time off need not begin with a minute
    assume(hours.zone != "Africa/Monrovia")  # nor did a minute there begin with one of UTC
    start = moment - moment % MINUTE_US
    counted = sum(is_open_by_definition(hours, start + minute * MINUTE_US) for minute in range(minutes))
    assert hours.between(start, start + minutes * MINUTE_US) == counted * MINUTE_US


@given(about_a_change(), FOR_A_WHILE, FOR_A_WHILE)
def test_working_time_adds_up(made: tuple[WorkingTime, int], first: int, second: int) -> None:
    hours, start = made
    middle, end = start + first, start + first + second
    assert hours.between(start, end) == hours.between(start, middle) + hours.between(middle, end)
    assert hours.between(end, start) == -hours.between(start, end)
    assert 0 <= hours.between(start, end) <= end - start


@given(about_a_change(), FOR_A_WHILE)
def test_what_is_added_has_passed(made: tuple[WorkingTime, int], span: int) -> None:
    hours, start = made
    end = hours.add(start, span)
    if end is None:
        assert hours.between(start, start + 4_000 * DAY_US) < span
        return
    assert hours.between(start, end) == span
    assert span == 0 or hours.between(start, end - 1) == span - 1, "and not before"


@given(about_a_change(), FOR_A_WHILE, FOR_A_WHILE, st.integers(0, 3 * DAY_US))
def test_later_or_longer_is_never_earlier(
    made: tuple[WorkingTime, int], span: int, more: int, later: int
) -> None:
    hours, start = made
    ends = [hours.add(*of) for of in ((start, span), (start, span + more), (start + later, span))]
    first, longer, begun_later = (10**18 if end is None else end for end in ends)
    assert first <= longer
    assert first <= begun_later


@given(about_a_change())
def test_the_next_opening_is_the_first(made: tuple[WorkingTime, int]) -> None:
    hours, moment = made
    opening = hours.next_open(moment)
    if opening is None:
        assert hours.between(moment, moment + 4_000 * DAY_US) == 0
        return
    assert hours.is_open(opening)
    assert hours.between(moment, opening) == 0


@given(st.sampled_from(zones()), st.integers(0, 60 * 365 * DAY_US), FOR_A_WHILE)
@example("Pacific/Apia", at("2011-12-28T00:00"), 5 * DAY_US)
def test_round_the_clock_working_time_is_the_time_of_the_wall(zone: str, moment: int, span: int) -> None:
    always = WorkingTime(zone, REP_ALWAYS.week)
    assert always.is_open(moment)
    assert always.add(moment, span) == moment + span
    assert always.between(moment, moment + span) == span


def test_years_are_counted_in_both_directions() -> None:
    hours = WorkingTime("Europe/Berlin", NINE_TO_FIVE)
    start, end = at("2023-01-02T00:00", "Europe/Berlin"), at("2026-01-05T00:00", "Europe/Berlin")
    weeks = 157
    assert hours.between(start, end) == weeks * 40 * HOUR_US
    assert hours.between(end, start) == -weeks * 40 * HOUR_US
    assert hours.add(start, weeks * 40 * HOUR_US) == at("2026-01-02T17:00", "Europe/Berlin")


def test_a_day_ends_when_it_ends() -> None:
    hours = WorkingTime("Europe/Berlin", NINE_TO_FIVE)
    nine = at("2026-11-23T09:00", "Europe/Berlin")
    assert hours.add(nine, 8 * HOUR_US) == nine + 8 * HOUR_US
    assert hours.add(nine, 8 * HOUR_US + 1) == at("2026-11-24T09:00", "Europe/Berlin") + 1


@pytest.mark.parametrize(
    ("zone", "saturday", "friday_to_monday"),
    [
        ("Europe/Berlin", "2026-03-28", 47),  # an hour is left out between
        ("Europe/Berlin", "2026-10-24", 49),
        ("Europe/Berlin", "2026-06-06", 48),
        ("Australia/Lord_Howe", "2026-04-04", 48.5),
    ],
)
def test_a_weekend_is_as_long_as_it_is(zone: str, saturday: str, friday_to_monday: float) -> None:
    weekend = WorkingTime(zone, ((),) * 5 + (((0, 1_440),),) * 2)
    start = at(f"{saturday}T00:00", zone)
    assert weekend.between(start, start + 4 * DAY_US) == friday_to_monday * HOUR_US


def test_an_hour_that_is_skipped_is_none_and_one_that_is_repeated_counts_twice() -> None:
    nights = WorkingTime("Europe/Berlin", (((120, 180),),) * 7)  # two to three
    spring, autumn = at("2026-03-29T00:00", "Europe/Berlin"), at("2026-10-25T00:00", "Europe/Berlin")
    assert nights.between(spring, spring + 23 * HOUR_US) == 0
    assert nights.between(autumn, autumn + 25 * HOUR_US) == 2 * HOUR_US
    assert nights.add(spring, HOUR_US) == at("2026-03-30T03:00", "Europe/Berlin")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    nights = WorkingTime("UTC", (((1_320, 1_800),),) * 7, frozenset({date(2026, 12, 25)}))
    assert nights.is_open(at("2026-12-25T05:59"))
    assert not nights.is_open(at("2026-12-25T22:00"))
    assert not nights.is_open(at("2026-12-26T05:59"))
    assert nights.is_open(at("2026-12-26T22:00"))


def test_spans_that_overlap_count_once() -> None:
    hours = WorkingTime("UTC", (((0, 600), (300, 700)),) * 7)
    assert hours.between(0, DAY_US) == 700 * MINUTE_US


def test_who_never_works_is_never_waited_for() -> None:
    gone = WorkingTime("Europe/Berlin", NINE_TO_FIVE, off=((0, 2**62),))
    for hours in (gone, WorkingTime("UTC", ((),) * 7)):
        assert hours.next_open(DAY_US) is None
        assert hours.add(DAY_US, 1) is None
        assert hours.add(DAY_US, 0) == DAY_US
        assert hours.between(DAY_US, 900 * DAY_US) == 0


def test_no_time_is_added_backwards() -> None:
    with pytest.raises(ValueError, match="expected a span of 0 or more"):
        REP_ALWAYS.add(0, -1)


def test_equal_hours_are_equal_whatever_was_asked_of_them() -> None:
    hours, same = (WorkingTime("Europe/Berlin", NINE_TO_FIVE) for _ in range(2))
    hours.is_open(0)
    assert hours == same
    assert hash(hours) == hash(same)
