from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.reading.time_columns import parse_time_column
from features.times import TimeError, TimeRules, parse_time, parsed_time

BERLIN = TimeRules(zone="Europe/Berlin")


def moment(value: Any, rules: TimeRules = TimeRules(), *, day_end: bool = True) -> str:  # noqa: B008 - frozen
    return pd.Timestamp(parse_time(value, rules, day_end=day_end), unit="us", tz="UTC").isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31T09:30:00Z", "2024-01-31T09:30:00+00:00"),
        ("2024-01-31 09:30", "2024-01-31T09:30:00+00:00"),
        ("2024-01-31 09:30:00+02:00", "2024-01-31T07:30:00+00:00"),
        ("2024-01-31 09:30:00 -0530", "2024-01-31T15:00:00+00:00"),
        ("2024-01-31 09:30:00+00", "2024-01-31T09:30:00+00:00"),
        ("2024-01-31 09:30:00 UTC", "2024-01-31T09:30:00+00:00"),
        ("2024-01-31T09:30:00.123", "2024-01-31T09:30:00.123000+00:00"),
        ("2024-01-31T09:30:00,1234567", "2024-01-31T09:30:00.123456+00:00"),
        ("20240131", "2024-01-31T23:59:59.999999+00:00"),
        (" 2024-01-31 ", "2024-01-31T23:59:59.999999+00:00"),
        (date(2024, 1, 31), "2024-01-31T23:59:59.999999+00:00"),
        (datetime(2024, 1, 31, 9, tzinfo=timezone(timedelta(hours=1))), "2024-01-31T08:00:00+00:00"),
        (np.datetime64("2024-01-31T09:30:00.123456789"), "2024-01-31T09:30:00.123456+00:00"),
    ],
)
def test_iso_8601_is_understood(text: object, expected: str) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "31/04/2026", "2026-04-31", "2024", "1711120112345", "2024-W01-1", "2024-01-31x10:00"),
        *("2024-1-3", "2024-01-31 25:00", "2024-01-31T09:30:00+25:00", "12:30", "now", None, pd.NaT, 5, True),
    ],
)
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(TimeError, match="ISO 8601"):
        parse_time(text, TimeRules(), day_end=False)


@pytest.mark.parametrize("text", ["1899-12-31", "2201-01-01T00:00:00Z", "0001-01-01", "9999-12-31"])
def test_years_that_must_be_mistakes_are_refused(text: str) -> None:
    with pytest.raises(TimeError, match="a year from 1900 to 2200"):
        parse_time(text, TimeRules(), day_end=True)


def test_a_day_stands_for_its_end_or_its_start_in_the_zone() -> None:
    assert moment("2024-07-01", BERLIN, day_end=True) == "2024-07-01T21:59:59.999999+00:00"
    assert moment("2024-07-01", BERLIN, day_end=False) == "2024-06-30T22:00:00+00:00"


def test_an_ambiguous_local_time_is_the_earlier_one() -> None:
    parsed = parsed_time("2024-10-27 02:30", BERLIN, day_end=False)
    assert (parsed.ambiguous, parsed.shifted) == (True, False)
    assert moment("2024-10-27 02:30", BERLIN) == "2024-10-27T00:30:00+00:00"


def test_a_local_time_that_clocks_skipped_moves_to_the_first_moment_after() -> None:
    parsed = parsed_time("2024-03-31 02:30", BERLIN, day_end=False)
    assert (parsed.ambiguous, parsed.shifted) == (False, True)
    assert moment("2024-03-31 02:30", BERLIN) == "2024-03-31T01:00:00+00:00"


def test_the_end_of_a_day_whose_last_hour_comes_twice_is_the_later_one() -> None:
    # Brazil's clocks went back at midnight of 2018-02-18, to 23:00 of the 17th.
    brazil = TimeRules(zone="America/Sao_Paulo")
    assert moment("2018-02-17", brazil, day_end=True) == "2018-02-18T02:59:59.999999+00:00"
    assert moment("2018-11-04", brazil, day_end=False) == "2018-11-04T03:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "time_format", "expected"),
    [
        ("22-04-2014 03:53", "%d-%m-%Y %H:%M", "2014-04-22T03:53:00+00:00"),
        ("1/31/24 1:05 PM", "%m/%d/%y %I:%M %p", "2024-01-31T13:05:00+00:00"),
        ("31 Jan 2024", "%d %b %Y", "2024-01-31T23:59:59.999999+00:00"),
        ("31.01.2024", "%d.%m.%Y", "2024-01-31T23:59:59.999999+00:00"),
        ("31.01.2024 10:00 +0200", "%d.%m.%Y %H:%M %z", "2024-01-31T08:00:00+00:00"),
        ("2024-01-31T09:30:00Z", "%d.%m.%Y", "2024-01-31T09:30:00+00:00"),
        ("1398138810", "epoch_s", "2014-04-22T03:53:30+00:00"),
        (1398138810.5, "epoch_s", "2014-04-22T03:53:30.500000+00:00"),
        ("1398138810.0", "epoch_s", "2014-04-22T03:53:30+00:00"),
        (1398138810123, "epoch_ms", "2014-04-22T03:53:30.123000+00:00"),
    ],
)
def test_a_stated_format_is_followed(text: object, time_format: str, expected: str) -> None:
    assert moment(text, TimeRules(time_format)) == expected


@pytest.mark.parametrize(
    ("text", "time_format", "message"),
    [
        ("2024-01-31", "%d-%m-%Y", "a time written as %d-%m-%Y"),
        ("12:30", "%H:%M", "holds the year"),
        ("1398138810123", "epoch_s", "seconds since 1970|a year"),
        ("soon", "epoch_ms", "milliseconds since 1970"),
        (float("nan"), "epoch_s", "seconds since 1970"),
        (float("inf"), "epoch_ms", "milliseconds since 1970"),
        pytest.param(10**400, "epoch_s", "seconds since 1970", id="four hundred digits"),
        (-(2**63), "epoch_ms", "milliseconds since 1970"),
        (np.int64(-(2**63)), "epoch_s", "seconds since 1970"),
        (np.float32(1e38), "epoch_s", "seconds since 1970"),
        pytest.param("9" * 1_000_001, "epoch_s", "seconds since 1970", id="a million digits"),
        ("0" * 41, "epoch_s", "seconds since 1970"),
        pytest.param("0." + "0" * 2_000_000 + "1", "epoch_s", "seconds since 1970", id="very little"),
    ],
)
def test_what_a_stated_format_does_not_fit_is_refused(text: object, time_format: str, message: str) -> None:
    with pytest.raises(TimeError, match=message):
        parse_time(text, TimeRules(time_format), day_end=False)


FORMATS = (None, "epoch_s", "epoch_ms", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S.%f %z", "%G-W%V-%u", "%y", "%H:%M")
ANYTHING = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    st.integers(-(10**30), 10**30).map(str),
    st.integers(0, 5_000).map(lambda digits: 10**digits),
    st.decimals(allow_nan=False, allow_infinity=False).map("{:f}".format),
    st.datetimes() | st.dates() | st.datetimes(timezones=st.timezones()),
    st.sampled_from([np.int64(-(2**63)), np.uint64(2**64 - 1), np.float32("inf"), np.float64("nan"), pd.NaT]),
    st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=2), st.none(), max_size=2),
)


@given(value=ANYTHING, time_format=st.sampled_from(FORMATS), zone=st.timezone_keys(), day_end=st.booleans())
def test_whatever_comes_is_a_time_of_these_centuries_or_none(
    value: Any, time_format: str | None, zone: str, day_end: bool
) -> None:
    try:
        us = parse_time(value, TimeRules(time_format, zone), day_end=day_end)
    except TimeError as problem:
        assert str(problem)  # noqa: PT017 - either is right
    else:
        assert abs(us) < 300 * 366 * 86_400 * 1_000_000


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/St_Johns",
    "Australia/Lord_Howe",
)
CHANGES_OF_CLOCKS = (
    *("2024-03-31 02:00", "2024-10-27 03:00", "2018-02-18 00:00", "2018-11-04 00:00", "2011-12-30 00:00"),
    *("2010-03-14 00:01", "2010-11-07 00:01", "2024-04-07 02:00", "2024-10-06 02:00"),
)
PIECES = st.one_of(
    st.builds(
        lambda change, seconds: (datetime.fromisoformat(change) + timedelta(seconds=seconds)).isoformat(" "),
        st.sampled_from(CHANGES_OF_CLOCKS),
        st.integers(-7_500, 7_500),
    ),
    st.datetimes(datetime.fromisoformat("1890-01-01"), datetime.fromisoformat("2210-01-01")).map(
        lambda when: when.isoformat(" ")
    ),
    st.datetimes(datetime.fromisoformat("2023-01-01"), datetime.fromisoformat("2025-01-01")).map(
        lambda when: when.isoformat("T", timespec="minutes")
    ),
    st.datetimes(datetime.fromisoformat("2023-01-01"), timezones=st.just(UTC)).map(datetime.isoformat),
    st.dates(date(1890, 1, 1), date(2210, 1, 1)).map(date.isoformat),
    st.from_regex(
        r"[12]\d{3}-[01]\d-[0-3]\d([T ][0-2]\d:[0-6]\d(:[0-6]\d(\.\d{1,8})?)?(Z|\+0[12]:?00)?)?",
        fullmatch=True,
    ),
    st.sampled_from(
        ["", "n/a", "2024-10-27 02:30", "2024-03-31 02:30", "20240131", "2024-02-30", "٢٠٢٤-01-01"]
    ),
)


@given(
    texts=st.lists(PIECES, max_size=12),
    zone=st.sampled_from(
        [
            "UTC",
            "Europe/Berlin",
            "America/Sao_Paulo",
            "Pacific/Apia",
            "America/St_Johns",
            "Australia/Lord_Howe",
        ]
    ),
    day_end=st.booleans(),
)
def test_a_column_is_read_as_each_of_its_values_is(texts: list[str], zone: str, day_end: bool) -> None:
    rules = TimeRules(zone=zone)
    column = pd.Series([text or None for text in texts], dtype="str", index=range(2, len(texts) + 2))
    parsed = parse_time_column(column, rules, day_end=day_end)
    assert str(parsed.times.dtype) == "datetime64[us, UTC]"
    ambiguous = shifted = 0
    for at, text in enumerate(texts):
        try:
            one = parsed_time(text, rules, day_end=day_end)
        except TimeError:
            assert parsed.times.iloc[at] is pd.NaT
            assert parsed.bad[at] == bool(text)
            continue
        ambiguous += one.ambiguous
        shifted += one.shifted
        assert parsed.times.astype("int64").iloc[at] == one.us
        assert not parsed.bad[at]
    assert (parsed.ambiguous, parsed.shifted) == (ambiguous, shifted)


@given(
    when=st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2037-01-01")),
    zone=st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo"]),
)
def test_local_time_comes_back_from_the_moment_it_stands_for(when: datetime, zone: str) -> None:
    parsed = parsed_time(when, TimeRules(zone=zone), day_end=False)
    back = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=parsed.us)).astimezone(ZoneInfo(zone))
    assert parsed.shifted or back.replace(tzinfo=None, fold=0) == when
    assert not parsed.shifted or back.replace(tzinfo=None) > when


@pytest.mark.parametrize(
    "dtype", ["datetime64[s]", "datetime64[us]", "datetime64[ns]", "datetime64[ns, UTC]"]
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_typed_column_is_read_as_each_of_its_values_is(dtype: str, zone: str) -> None:
    values = ["2024-03-31T02:30", "NaT", "1700-01-01T00:00"]
    column = pd.Series(np.array(values, dtype=dtype.removesuffix(", UTC]").removesuffix("]") + "]"))
    column = column.dt.tz_localize("UTC") if "UTC" in dtype else column
    rules = TimeRules(zone=zone)
    parsed = parse_time_column(column, rules, day_end=True)
    assert parsed.times.astype("int64").iloc[0] == parse_time(column.iloc[0], rules, day_end=True)
    assert parsed.bad.tolist() == [False, False, True]
    assert parsed.times.isna().tolist() == [False, True, True]
    assert str(parsed.times.dtype) == "datetime64[us, UTC]"


def test_rows_of_ambiguous_and_skipped_times_are_counted() -> None:
    column = pd.Series(["2024-10-27 02:30"] * 3 + ["2024-03-31 02:30"] * 2 + ["2024-10-27"], dtype="str")
    parsed = parse_time_column(column, BERLIN, day_end=True)
    assert (parsed.ambiguous, parsed.shifted) == (3, 2)
