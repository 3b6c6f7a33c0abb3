import tomllib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from decisions.clocks.hours import Hours
from decisions.clocks.public_holidays import YEARS, public_holidays
from decisions.clocks.week import ALWAYS, week_of, written_week
from decisions.clocks.working_time import REP_ALWAYS, WorkingTime

BAVARIAN = """
zone = "Europe/Berlin"
holidays = "DE-BY"
closed = [2026-12-24, 2026-12-31]
off = [{ from = 2026-08-03, to = 2026-08-14 }, { from = 2026-11-23T12:00:00, to = 2026-11-23T14:00:00 }]
hours = { mon-thu = ["09:00-12:00", "13:00-17:00"], fri = "09:00-14:00" }
"""


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def read(text: str) -> Hours:
    return Hours.model_validate(tomllib.loads(text))


def test_hours_are_read_as_they_are_written() -> None:
    hours = read(BAVARIAN).working_time(also_off=((5, 9),))
    day = ((540, 720), (780, 1_020))
    assert hours.week == (day, day, day, day, ((540, 840),), (), ())
    assert hours.zone == "Europe/Berlin"
    assert {date(2026, 12, 24), date(2026, 1, 6)} <= hours.holidays
    assert date(2026, 3, 8) not in hours.holidays, "a holiday of Berlin's, not of Bavaria's"
    assert hours.off == (
        (us("2026-08-02T22:00"), us("2026-08-14T22:00")),
        (us("2026-11-23T11:00"), us("2026-11-23T13:00")),
        (5, 9),
    )


def test_nothing_stated_is_round_the_clock() -> None:
    assert Hours().working_time() == REP_ALWAYS
    assert read('hours = "always"').working_time() == REP_ALWAYS


def test_hours_come_back_from_json() -> None:
    hours = read(BAVARIAN)
    assert Hours.model_validate(hours.model_dump(mode="json")) == hours
    assert Hours.model_validate_json(hours.model_dump_json()) == hours


def test_a_night_goes_on_into_the_next_day() -> None:
    assert read('hours = { sat = "22:00-06:00", sun = "00:00-24:00" }').hours[5:] == (
        ((1_320, 1_800),),
        ((0, 1_440),),
    )


@given(st.lists(st.lists(st.integers(0, 1_439), unique=True, max_size=6).map(sorted), min_size=7, max_size=7))
def test_every_week_comes_back(days: list[list[int]]) -> None:
    week = tuple(tuple(zip(day[::2], day[1::2], strict=False)) for day in days)
    assert week_of(written_week(week)) == week


def test_round_the_clock_is_said_in_one_word() -> None:
    assert written_week(ALWAYS) == "always"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('zone = "Mars/Olympus"', "expected the name of a time zone such as 'Europe/Berlin'"),
        ('zone = "Europe"', "expected the name of a time zone such as 'Europe/Berlin'"),
        ('holidays = "XX"', "expected a country or a part of it, such as 'DE' or 'DE-BY', found 'XX'"),
        ('holidays = "DE-XX"', "expected one of BB, BE, .* after 'DE-', found 'XX'"),
        (
            'hours = "nine to five"',
            "expected 'always', or days with their hours such as .*, found 'nine to five'",
        ),
        ('hours = { mo = "09:00-17:00" }', r"expected a day \(mon, .* or days such as mon-fri, found 'mo'"),
        ('hours = { fri-mon = "09:00-17:00" }', "found 'fri-mon'"),
        (
            'hours = { mon-wed = "09:00-17:00", tue = "10:00-11:00" }',
            "expected each day once, found tue twice",
        ),
        ('hours = { mon = "9-17" }', "expected hours such as .*, found mon = '9-17'"),
        ("hours = { mon = 9 }", "expected hours such as .*, found mon = 9"),
        ('hours = { mon = "09:00-25:00" }', "which is no time of day"),
        ('hours = { mon = "09:60-17:00" }', "which is no time of day"),
        ('hours = { mon = ["13:00-17:00", "09:00-12:00"] }', "which are not in order and apart"),
        ('hours = { mon = ["22:00-06:00", "23:00-24:00"] }', "which are not in order and apart"),
        ("off = [{ from = 2026-08-14, to = 2026-08-03 }]", "expected 'to' at or after 'from'"),
        ('off = [{ from = "soon", to = 2026-08-03 }]', "expected a day or a time such as 2026-08-01"),
        ("off = [{ from = 1800-01-01, to = 2026-08-03 }]", "expected a year from 1900 to 2200"),
        ('closed = ["some day"]', "closed"),
        ("open = true", "Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        read(text)


@pytest.mark.parametrize("value", [7, None, [], ["mon"]])
def test_hours_that_are_no_table_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match="expected 'always', or days with their hours"):
        Hours.model_validate({"hours": value})


def test_holidays_of_every_known_country_and_part_are_there() -> None:
    for code in ("DE", "DE-BY", "US-CA", "GB-SCT", "AT"):
        years = {day.year for day in public_holidays(code)}
        assert years == set(YEARS)


def test_holidays_make_a_difference() -> None:
    bavarian = read(BAVARIAN).working_time()
    epiphany = us("2026-01-06T10:00")
    assert not bavarian.is_open(epiphany)
    assert WorkingTime(bavarian.zone, bavarian.week).is_open(epiphany)
