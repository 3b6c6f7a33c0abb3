"""When something happened: texts, dates and typed times as microseconds UTC.

One value of a request and a column of ten million rows go by the same rules (`reading/time_columns.py`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

YEARS = (1900, 2200)
"""Times outside these years, both inclusive, are taken for mistakes."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the origin of local times, which have no zone yet
_US = timedelta(microseconds=1)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)? ?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|z|[+-]\d\d:\d\d)", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_TIME_OF_DAY = re.compile(r"%[HIMSfpXcs]")
_YEAR = re.compile(r"%[YyGcxs]")
_EPOCH_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
_EPOCH_LIMIT = 2**63
_EPOCH_CHARACTERS = 40


class TimeError(ValueError):
    """A value that is no time. The message says what was expected."""


@dataclass(frozen=True, slots=True)
class TimeRules:
    """How a table writes its times.

    `time_format`: None for ISO 8601, `epoch_s` or `epoch_ms` for numbers since 1970, else as
    `datetime.strptime` takes it. RFC 3339 with its offset ('2024-01-31T09:00:00Z') is understood beside
    any format, because nothing else can be meant. `zone`: where times without an offset are local.
    """

    time_format: str | None = None
    zone: str = "UTC"

    @property
    def expected(self) -> str:
        """What the values should be, for messages."""
        if self.time_format is None:
            return "a time such as 2024-01-31 or 2024-01-31T09:30:00 (ISO 8601)"
        if self.time_format in _EPOCH_UNITS:
            unit = "seconds" if self.time_format == "epoch_s" else "milliseconds"
            return f"{unit} since 1970"
        return f"a time written as {self.time_format}"


class ParsedTime(NamedTuple):
    """Microseconds since 1970 UTC, and whether the local time was ambiguous or did not exist."""

    us: int
    ambiguous: bool = False
    shifted: bool = False


def parse_time(value: Any, rules: TimeRules, *, day_end: bool) -> int:
    """Return one time as microseconds since 1970 UTC. Raises TimeError, also for a missing value.

    A value without a time of day stands for the last microsecond of its local day if `day_end`, else
    for the first. An ambiguous local time is the earlier one; one that a clock skipped becomes the first
    moment after the gap.

    >>> parse_time("2024-01-31 09:30", TimeRules(zone="Europe/Berlin"), day_end=True)
    1706689800000000
    """
    return parsed_time(value, rules, day_end=day_end).us


def parsed_time(value: Any, rules: TimeRules, *, day_end: bool) -> ParsedTime:
    """Return one time with what was decided about it. See `parse_time`."""
    if value is None or value is pd.NaT or value is pd.NA:
        raise TimeError(rules.expected)
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, pd.Timestamp):
        value = value.floor("us").to_pydatetime()
    if isinstance(value, datetime):
        return _placed(value, rules.zone)
    if isinstance(value, date):
        return _day(value, rules.zone, day_end=day_end)
    if rules.time_format in _EPOCH_UNITS:
        number = _epoch(value, rules)
        if number is not None:
            return number
    if not isinstance(value, str):
        raise TimeError(rules.expected)
    text = value.strip()
    if rules.time_format is None or _RFC_3339.fullmatch(text):
        return _iso(text, rules, day_end=day_end)
    return _formatted(text, rules, day_end=day_end)


def _iso(text: str, rules: TimeRules, *, day_end: bool) -> ParsedTime:
    if len(text) == 8 and text.isascii() and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    match = _ISO.fullmatch(text)
    if match is None:
        raise TimeError(rules.expected)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        if hour is None:
            return _day(date(int(year), int(month), int(day)), rules.zone, day_end=day_end)
        micros = int((fraction or "")[:6].ljust(6, "0"))
        of_day = time(int(hour), int(minute or 0), int(second or 0), micros)
        local = datetime.combine(date(int(year), int(month), int(day)), of_day)
    except TimeError:
        raise
    except ValueError as problem:
        raise TimeError(rules.expected) from problem
    if offset is None:
        return _placed(local, rules.zone)
    return ParsedTime(_local_us(local) - _offset_us(offset, rules))


def _offset_us(offset: str, rules: TimeRules) -> int:
    if offset in {"Z", "z", "UTC"}:
        return 0
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise TimeError(rules.expected)
    return (-1 if offset[0] == "-" else 1) * (hours * 60 + minutes) * 60_000_000


def _formatted(text: str, rules: TimeRules, *, day_end: bool) -> ParsedTime:
    time_format = rules.time_format or ""
    try:
        local = datetime.strptime(text, time_format)  # noqa: DTZ007 - the zone is put on below
    except (ValueError, re.error) as problem:
        raise TimeError(rules.expected) from problem
    if not _YEAR.search(time_format):
        raise TimeError("a time_format that holds the year (%Y or %y)")
    if _TIME_OF_DAY.search(time_format):
        return _placed(local, rules.zone)
    return _day(local.date(), rules.zone, day_end=day_end)


def _epoch(value: Any, rules: TimeRules) -> ParsedTime | None:
    unit = _EPOCH_UNITS[rules.time_format or ""]
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            return None
        if len(text) > _EPOCH_CHARACTERS:
            raise TimeError(rules.expected)
        number = Decimal(text)
    elif isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        if not -_EPOCH_LIMIT < value < _EPOCH_LIMIT:  # nan is not between them either
            raise TimeError(rules.expected)
        number = Decimal(value if isinstance(value, float) else int(value))
    else:
        return None
    us = math.floor(number * unit)
    try:
        _checked_year((EPOCH + us * _US).year)
    except OverflowError as problem:
        raise TimeError(rules.expected) from problem
    return ParsedTime(us)


def _checked_year(year: int) -> None:
    if not YEARS[0] <= year <= YEARS[1]:
        raise TimeError(f"a year from {YEARS[0]} to {YEARS[1]}")


def _local_us(local: datetime) -> int:
    _checked_year(local.year)
    return (local - EPOCH) // _US


def _placed(when: datetime, zone: str) -> ParsedTime:
    """Return the moment of a date and time; without an offset it is local to `zone`."""
    if when.tzinfo is not None:
        _checked_year(when.year)
        return ParsedTime((when - EPOCH.replace(tzinfo=UTC)) // _US)
    local_us = _local_us(when)
    first, second = offsets_at(when, zone)
    if first < second:
        return ParsedTime(_gap_end_us(local_us, first, second, zone), shifted=True)
    return ParsedTime(local_us - first, ambiguous=first > second)


def _day(day: date, zone: str, *, day_end: bool) -> ParsedTime:
    """Return the first or last microsecond of a local day. A day is never ambiguous."""
    edge = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone is put on below
    if day_end:
        edge += timedelta(days=1) - _US
    local_us = _local_us(edge)
    first, second = offsets_at(edge, zone)
    if first < second:
        return ParsedTime(_gap_end_us(local_us, first, second, zone))
    return ParsedTime(local_us - (second if day_end else first))


def offsets_at(local: datetime, zone: str) -> tuple[int, int]:
    """Return the offsets (microseconds) before and after the change of clocks that `local` falls in.

    Equal: none. The first larger: the hour comes twice. The first smaller: the hour is skipped.
    """
    if zone == "UTC":
        return 0, 0
    place = ZoneInfo(zone)
    first, second = (local.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1))
    return (first or timedelta(0)) // _US, (second or timedelta(0)) // _US


def _gap_end_us(local_us: int, before: int, after: int, zone: str) -> int:
    """Return the moment at which clocks jumped, which is the first that exists after the gap."""
    place = ZoneInfo(zone)
    early, late = (local_us - after) // 1_000_000, -((before - local_us) // 1_000_000)
    while late - early > 1:
        middle = (early + late) // 2
        offset = datetime.fromtimestamp(middle, place).utcoffset() or timedelta(0)
        early, late = (middle, late) if offset // _US == before else (early, middle)
    return late * 1_000_000
