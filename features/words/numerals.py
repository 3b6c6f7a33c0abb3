"""Numbers, percentages and dates as a language writes them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from features.words.catalogue import Catalogue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Numerals:
    """Writes numbers and dates as a catalogue says."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._marks = str.maketrans(
            {",": catalogue.marks["numbers.group"], ".": catalogue.marks["numbers.decimal"]}
        )
        self._percent = catalogue.templates["numbers.percent"]
        self._under = catalogue.templates["numbers.percent_under"]
        self._money = catalogue.templates["numbers.money"]
        self._small = catalogue.lists["numbers.small"]
        self._infinite = catalogue.text("values.infinite")
        self._day = catalogue.templates["dates.day"]
        self._months = catalogue.lists["dates.months"]
        self._weekdays = catalogue.lists["dates.weekdays"]

    def number(self, value: float) -> str:
        """Return a number, its thousands apart: '1,234,567', '0.5'."""
        if not math.isfinite(value):
            return self._infinite
        size = abs(value)
        if size < 1e15 and (value == int(value) or size >= 1e9):
            text = f"{round(value):,}"
        else:
            text = f"{value:,.10g}"
        return text.translate(self._marks)

    def count(self, count: int) -> str:
        """Return a count: in a word where the language has one for it, else in figures."""
        return self._small[count] if 0 <= count < len(self._small) else self.number(count)

    def percent(self, share: float) -> str:
        """Return a share of 0 to 1 as a percentage. Neither all nor none is said of what is not."""
        if 0.0 < share < 0.001:
            return self._under.fill(percent=self.percent(0.001))
        hundredths = round(100.0 * share, 9)  # 100 x 0.07 is 7.000000000000001
        if hundredths >= 99.5 and share < 1.0:
            hundredths = 99.0
        digits = 0 if hundredths >= 9.95 or hundredths == int(hundredths) else 1
        return self._percent.fill(number=f"{hundredths:.{digits}f}".translate(self._marks))

    def signed(self, value: float) -> str:
        """Return points of score with their sign, to a decimal, or to the first figure of what is smaller.

        A minus is the sign of that name, as on the pages: '+9.4', '\N{MINUS SIGN}2.0', '+0.04'.
        """
        if value == 0.0:
            return "0.0".translate(self._marks)
        text = f"{value:+.1f}" if abs(value) >= 0.05 else f"{value:+.1g}"
        return text.translate(self._marks).replace("-", "\N{MINUS SIGN}")

    def hundredths(self, value: float) -> str:
        """Return a number that is in hundredths already as a percentage."""
        return self._percent.fill(number=self.number(value))

    def money(self, value: float, currency: str) -> str:
        """Return an amount of a currency."""
        return self._money.fill(number=self.number(value), currency=currency)

    def day(self, moment_us: int) -> str:
        """Return the day of a moment, microseconds UTC: '21 November 2026'."""
        when = _EPOCH + timedelta(microseconds=moment_us)
        return self._day.fill(day=str(when.day), month=self._months[when.month - 1], year=str(when.year))

    def weekday(self, moment_us: int) -> str:
        """Return the day of the week of a moment, microseconds UTC: 'Monday'."""
        return self._weekdays[(_EPOCH + timedelta(microseconds=moment_us)).weekday()]
