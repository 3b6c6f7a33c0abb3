"""Whether a column holds times, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from features.times import TimeError, TimeRules, parsed_time

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME_NAME = re.compile(
    r"(^|\W|_)(date|time|timestamp|datum|zeit|when|day|created|updated|modified|occurred|ts|at|on)(\W|_|\d|$)"
    r"|(date|time|datum|zeit|[a-z](At|On))$",
    re.IGNORECASE,
)
_LIKE_A_TIME = re.compile(
    r"\d{1,4}([-/.]|\. | )(\d{1,2}|[^\W\d_]{3,9})\.?([-/.,]|, | )? ?\d{2,4}(?!\d).*"
    r"|[^\W\d_]{3,9} \d{1,2},? \d{4}.*"
)
_DATES = (
    *("%d{s}%m{s}%Y", "%m{s}%d{s}%Y", "%Y{s}%m{s}%d", "%d{s}%m{s}%y", "%m{s}%d{s}%y"),
    *("%d{s}%b{s}%Y", "%d{s}%B{s}%Y", "%d{s}%b{s}%y", "%Y{s}%b{s}%d"),
)
_NAMED_DATES = ("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%d. %B %Y", "%d %b, %Y")
_CLOCKS = ("", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_JOINS = (" ", "T", ", ")
_OFFSETS = ("", "%z", " %z")
_ENOUGH = 0.95
_SECONDS = (631_152_000, 2_524_608_000)  # 1990 to 2050


@dataclass(frozen=True, slots=True)
class TimeGuess:
    """How a column of times is written. `time_format` None: ISO 8601."""

    time_format: str | None
    why: str


def time_guess(name: str, texts: Sequence[str]) -> TimeGuess | None:
    """Return how the different values `texts` of a column are written as times, or None if they are none.

    Nineteen values in twenty must fit. Numbers are times only where the name says so and they lie between
    1990 and 2050.
    """
    texts = texts[:5_000]
    if not texts:
        return None
    if TIME_NAME.search(name):
        if all(len(text) == 8 and text.isdecimal() and _reads(text, None) for text in texts):
            return TimeGuess(None, "ISO 8601 without hyphens")
        numbers = _epoch(texts)
        if numbers is not None:
            return numbers
    if sum(_LIKE_A_TIME.fullmatch(text) is not None for text in texts) < _ENOUGH * len(texts):
        return None
    iso = _share(texts, None)
    if iso >= _ENOUGH:
        return TimeGuess(None, "ISO 8601" + _but(iso))
    fits = {form: _share(texts, form) for form in _candidates(texts)}
    best = max(fits.values(), default=0.0)
    if best < _ENOUGH:
        return None
    formats = [form for form, share in fits.items() if share == best]
    chosen, why = _day_or_month_first(formats, texts)
    return TimeGuess(chosen, why + _but(best))


def _epoch(texts: Sequence[str]) -> TimeGuess | None:
    whole = [text.removesuffix(".0") for text in texts]
    if not all(text.isdecimal() and text.isascii() and len(text) in (9, 10, 12, 13) for text in whole):
        return None
    if all(_SECONDS[0] <= int(text) <= _SECONDS[1] for text in whole):
        return TimeGuess("epoch_s", "numbers of seconds since 1970")
    if all(_SECONDS[0] * 1000 <= int(text) <= _SECONDS[1] * 1000 for text in whole):
        return TimeGuess("epoch_ms", "numbers of milliseconds since 1970")
    return None


def _candidates(texts: Sequence[str]) -> list[str]:
    """Return the formats that read the first value, or one of the next where that is odd."""
    dates = [date.format(s=mark) for mark, date in product("-/. ", _DATES)] + list(_NAMED_DATES)
    for text in texts[:3]:
        found = [form for date in dates for form in _with_clock(date, text) if _reads(text, form)]
        if found:
            return found
    return []


def _with_clock(date: str, text: str) -> list[str]:
    if ":" not in text:
        return [date]
    joins = [join for join in _JOINS if join in text]
    offsets = _OFFSETS if re.search(r"([+-]\d\d:?\d\d|Z)$", text) else ("",)
    return [
        date + join + clock + offset
        for join, clock, offset in product(joins, _CLOCKS[1:], offsets)
        if ("%p" in clock) == bool(re.search("[AaPp][Mm]", text))
    ]


def _reads(text: str, time_format: str | None) -> bool:
    try:
        parsed_time(text, TimeRules(time_format), day_end=False)
    except TimeError:
        return False
    return True


def _share(texts: Sequence[str], time_format: str | None) -> float:
    return sum(_reads(text, time_format) for text in texts) / len(texts)


def _but(share: float) -> str:
    return "" if share == 1 else f" (but for {1 - share:.1%} of the values, which are no such time)"


def _day_or_month_first(formats: list[str], texts: Sequence[str]) -> tuple[str, str]:
    day_first = [form for form in formats if form.startswith("%d") and "%m" in form]
    month_first = [form for form in formats if form.startswith("%m")]
    firsts = [int(match[0]) for text in texts if (match := re.match(r"\d+", text))]
    seconds = [int(match[1]) for text in texts if (match := re.match(r"\d+\D+(\d+)", text))]
    if day_first and month_first:
        if "." in day_first[0][:6]:
            return day_first[0], "day first, as always with dots; no value exceeds 12, so check it"
        return month_first[0], (
            "ambiguous: no value tells day-first from month-first; month-first was taken; check it"
        )
    if day_first:
        return day_first[0], f"day first: the first number reaches {max(firsts)}"
    if month_first:
        return month_first[0], f"month first: the second number reaches {max(seconds)}"
    return formats[0], f"as in {texts[0]!r}"
