"""The week of somebody who works, as it is written: mon-fri = "09:00-17:00"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decisions.clocks.open_times import Week

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS: Week = (((0, 1_440),),) * 7

_SPAN = re.compile(r"(\d\d?):(\d\d) ?[-–] ?(\d\d?):(\d\d)", re.ASCII)  # noqa: RUF001 - people's dash between times
_DAY_MINUTES = 1_440
_EXAMPLE = 'such as { mon-fri = "09:00-17:00", sat = ["09:00-12:00", "13:00-15:00"] }'


def week_of(written: Any) -> Week:
    """Return the week that is written: 'always', or a table of days with their spans.

    A key is a day (mon, tue, …) or days (mon-fri, sat-sun); a value a span or a list of spans, in order. Days
    that are not there are free. A span that ends at or before the time at which it begins goes on into the
    next day. Raises ValueError that says what was expected.

    >>> week_of({"mon": "22:00-06:00", "sat-sun": ["09:00-12:00", "13:00-24:00"]})[0]
    ((1320, 1800),)
    """
    if written == "always":
        return ALWAYS
    if isinstance(written, tuple):  # a week already
        return written
    if not isinstance(written, dict):
        raise ValueError(f"expected 'always', or days with their hours {_EXAMPLE}, found {written!r}")  # noqa: TRY004 - pydantic gathers ValueErrors
    week: list[tuple[tuple[int, int], ...] | None] = [None] * 7
    for key, spans in written.items():
        for day in _days(key):
            if week[day] is not None:
                raise ValueError(f"expected each day once, found {DAYS[day]} twice")
            week[day] = tuple(_spans(key, spans))
    return tuple(day or () for day in week)


def written_week(week: Week) -> Any:
    """Return a week as `week_of` reads it.

    >>> written_week(week_of({"mon": "22:00-06:00", "sun": "09:00-12:00"}))
    {'mon': ['22:00-06:00'], 'sun': ['09:00-12:00']}
    """
    if week == ALWAYS:
        return "always"
    return {
        name: [f"{_clock(start)}-{_clock(end)}" for start, end in spans]
        for name, spans in zip(DAYS, week, strict=True)
        if spans
    }


def _clock(minute: int) -> str:
    of_day = minute if minute <= _DAY_MINUTES else minute - _DAY_MINUTES
    return f"{of_day // 60:02d}:{of_day % 60:02d}"


def _days(key: Any) -> range:
    first, dash, last = str(key).strip().lower().partition("-")
    known = first in DAYS and (last in DAYS if dash else True)
    if not known or (dash and DAYS.index(first) >= DAYS.index(last)):
        raise ValueError(f"expected a day ({', '.join(DAYS)}) or days such as mon-fri, found {key!r}")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _spans(key: str, written: Any) -> Iterator[tuple[int, int]]:
    """Yield spans in minutes. Raises ValueError where one is none, or begins before that before has ended."""
    wrong = f"expected hours {_EXAMPLE}, found {key} = {written!r}"
    before = 0
    for text in written if isinstance(written, list) else [written]:
        found = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise ValueError(wrong)
        hours, minutes, end_hours, end_minutes = map(int, found.groups())
        start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
        if max(minutes, end_minutes) > 59 or start >= _DAY_MINUTES or end > _DAY_MINUTES:
            raise ValueError(f"{wrong}, which is no time of day")
        if start < before:
            raise ValueError(f"{wrong}, which are not in order and apart")
        before = end if end > start else end + _DAY_MINUTES
        yield start, before


WrittenWeek = Annotated[
    tuple[tuple[tuple[int, int], ...], ...],
    BeforeValidator(week_of),
    PlainSerializer(written_week, return_type=Any),
]
"""A field of hours: days with spans outside, a Week inside."""
