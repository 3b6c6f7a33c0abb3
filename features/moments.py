"""Moments as RFC 3339 writes them, many texts read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from features.times import YEARS

if TYPE_CHECKING:
    from collections.abc import Sequence


def moments_us(texts: Sequence[str]) -> list[int] | None:
    """Return moments in microseconds UTC, or None where one is not a moment as RFC 3339 writes it.

    Digits finer than microseconds are cut off. Each is what `features.times.parse_time` reads, by whatever
    rules; where this says None, some may be times all the same.

    >>> moments_us(["2024-01-31T09:30:00+01:00"]), moments_us(["2024-01-31"])
    ([1706689800000000], None)
    """
    try:
        written = "\n".join(texts).encode()
    except TypeError:
        return None
    moments = np.empty(len(texts), np.int64)
    return moments.tolist() if read_moments(np.frombuffer(written, np.uint8), moments) else None


_FIRST_YEAR, _LAST_YEAR = YEARS
_ZERO, _NINE, _LINE_END = ord("0"), ord("9"), ord("\n")
_DATE_AND_TIME = len("2024-01-31T09:30:00")
_OFFSET = len("+01:00")
_MARKS = np.frombuffer(b"0000-00-00T00:00:00", np.uint8)
_LENGTHS = np.asarray([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@numba.njit(cache=True, nogil=True)
def read_moments(written: Any, moments: Any) -> bool:
    """Fill `moments`, int64 (n,), from n texts with a line end between two, uint8; False where it cannot."""
    at, size = 0, len(written)
    for text in range(len(moments)):
        moments[text], at = read_moment(written, at, size)
        if at < 0:
            return False
        if text + 1 < len(moments):
            if at == size or _byte(written, at) != _LINE_END:
                return False
            at += 1
    return at == size


@numba.njit(cache=True, nogil=True)
def read_moment(written: Any, at: int, size: int) -> Any:  # noqa: C901, PLR0911, PLR0912  # a kernel: plain loops
    """Return the moment that starts at `at`, before `size`, and the place after it; -1: there is none."""
    if at + _DATE_AND_TIME >= size:
        return 0, -1
    for place in range(_DATE_AND_TIME):
        found, mark = _byte(written, at + place), _byte(_MARKS, place)
        if mark == _ZERO:
            if found < _ZERO or found > _NINE:
                return 0, -1
        elif found != mark and not (place == 10 and found == ord("t")):
            return 0, -1
    year = _two(written, at) * 100 + _two(written, at + 2)
    month, day = _two(written, at + 5), _two(written, at + 8)
    hour, minute, second = _two(written, at + 11), _two(written, at + 14), _two(written, at + 17)
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not 1 <= month <= 12 or day < 1:
        return 0, -1
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > (29 if month == 2 and is_leap else (28 if month == 2 else _LENGTHS[month])):
        return 0, -1
    if hour > 23 or minute > 59 or second > 59:
        return 0, -1
    at += _DATE_AND_TIME
    fraction, worth = 0, 100_000
    if _byte(written, at) == ord("."):
        at += 1
        start = at
        while at < size and _ZERO <= _byte(written, at) <= _NINE:
            fraction += _digit(written, at) * worth
            worth //= 10
            at += 1
        if at in (start, size):
            return 0, -1
    minutes = 0
    zone = _byte(written, at)
    if zone == ord("Z") or zone == ord("z"):
        at += 1
    elif (zone == ord("+") or zone == ord("-")) and at + _OFFSET <= size:
        for place in (1, 2, 4, 5):
            if _byte(written, at + place) < _ZERO or _byte(written, at + place) > _NINE:
                return 0, -1
        hours_off, minutes_off = _two(written, at + 1), _two(written, at + 4)
        if _byte(written, at + 3) != ord(":") or hours_off > 23 or minutes_off > 59:
            return 0, -1
        minutes = hours_off * 60 + minutes_off
        if zone == ord("-"):
            minutes = -minutes
        at += _OFFSET
    else:
        return 0, -1
    seconds = (_days(year, month, day) * 1_440 + hour * 60 + minute - minutes) * 60 + second
    return seconds * 1_000_000 + fraction, at


@numba.njit(cache=True, nogil=True)
def _byte(text: Any, at: int) -> Any:
    """Return a byte of a text. A place without a sign spares the look whether it counts from the end."""
    return text[np.uintp(at)]


@numba.njit(cache=True, nogil=True)
def _two(written: Any, at: int) -> Any:
    return _digit(written, at) * 10 + _digit(written, at + 1)


@numba.njit(cache=True, nogil=True)
def _digit(written: Any, at: int) -> Any:
    return np.int64(_byte(written, at)) - _ZERO


@numba.njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970-01-01 of a day in the Gregorian calendar, whose years begin in March here.

    As https://howardhinnant.github.io/date_algorithms.html, days_from_civil, for years after 0.
    """
    if month <= 2:
        year -= 1
        month += 12
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year - 719_468
