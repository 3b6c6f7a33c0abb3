"""How far the clocks of a zone are from UTC, piece by piece."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from features.durations import DAY_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_US = 1_000_000
_US = timedelta(microseconds=1)


class Piece(NamedTuple):
    """A time (microseconds UTC, the end not included) in which local time is UTC plus `offset_us`."""

    start: int
    end: int
    offset_us: int


@lru_cache(maxsize=4_096)
def pieces(zone: str, start: int, end: int) -> tuple[Piece, ...]:
    """Return the pieces of a zone that fill `start` to `end`, in order.

    The clocks are looked at once a day, and where two looks differ the second of the change is searched for.
    So two changes that undo one another would have to lie within a day to be overlooked: in the time zone
    database the nearest such ones are a week apart.
    """
    if zone == "UTC":
        return (Piece(start, end, 0),)
    place = ZoneInfo(zone)
    found: list[Piece] = []
    begun, offset = start, _offset_us(start, place)
    for look in (*range(start + DAY_US, end, DAY_US), end):
        after = _offset_us(look, place)
        if after != offset:
            changed = _change_between(look - DAY_US, look, place)
            found.append(Piece(begun, changed, offset))
            begun, offset = changed, after
    if begun < end:
        found.append(Piece(begun, end, offset))
    return tuple(found)


def _offset_us(at: int, place: ZoneInfo) -> int:
    local = (_EPOCH + timedelta(microseconds=at)).astimezone(place)
    return (local.utcoffset() or timedelta(0)) // _US


def _change_between(early: int, late: int, place: ZoneInfo) -> int:
    """Return the moment, a full second, from which on clocks show what they show at `late`."""
    before = _offset_us(early, place)
    first, last = early // _SECOND_US, -(-late // _SECOND_US)
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if _offset_us(middle * _SECOND_US, place) == before else (first, middle)
    return last * _SECOND_US
