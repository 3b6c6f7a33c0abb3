"""When somebody works, and how much working time lies between two moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from decisions.clocks.open_times import BLOCK_US, open_times

if TYPE_CHECKING:
    from datetime import date

    from decisions.clocks.open_times import OpenTimes, Week

LOOK_AHEAD_BLOCKS = 12
"""Who does not work within these blocks of the calendar, some thirteen years, is taken not to work again."""

_ORDINAL_OF_1970 = 719_163
_WHOLE_DAY = ((0, 1_440),)


@dataclass(frozen=True)
class WorkingTime:
    """The hours at which somebody works: a week of local times in a zone, less holidays and time off.

    `week`: seven days, Monday first, each with its spans (start, end) in minutes from local midnight, the end
    not included. A span that crosses midnight ends beyond 1440 ((1320, 1800) is 22:00 to 06:00) and belongs
    to the day on which it begins. On `holidays` no span begins. `off`: times (from, to) in microseconds UTC,
    the end not included.

    Exact through changes of clocks: what counts is the time that really passes while the local time is within
    a span. An hour that is skipped is none, one that is repeated counts twice. Moments are microseconds UTC
    from 1900 to 2200. The calendar is worked out once for each stretch of it, and kept.
    """

    zone: str
    week: Week
    holidays: frozenset[date] = frozenset()
    off: tuple[tuple[int, int], ...] = ()
    _blocks: dict[int, OpenTimes] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )

    def is_open(self, at: int) -> bool:
        """Return whether it is working time at a moment."""
        return self._block(at // BLOCK_US).holds(at)

    def next_open(self, at: int) -> int | None:
        """Return the first moment of working time at or after `at`; None where there is none to be seen."""
        for block in range(at // BLOCK_US, at // BLOCK_US + LOOK_AHEAD_BLOCKS):
            if (found := self._block(block).first_from(at)) is not None:
                return found
        return None

    def add(self, at: int, span_us: int) -> int | None:
        """Return the first moment at or after `at` by which `span_us` of working time has passed.

        Eight hours from nine are over at five, when the day ends, not on the next morning. None where that
        much working time is not to be seen. Raises ValueError where `span_us` is negative.
        """
        if span_us < 0:
            raise ValueError(f"expected a span of 0 or more, found {span_us}")
        if span_us == 0:
            return at
        left = span_us + self._block(at // BLOCK_US).until(at)
        for block in range(at // BLOCK_US, at // BLOCK_US + LOOK_AHEAD_BLOCKS):
            times = self._block(block)
            if left <= times.total_us:
                return times.reached(left)
            left -= times.total_us
        return None

    def between(self, start: int, end: int) -> int:
        """Return the working time from `start` to `end` in microseconds; negative where `end` is first."""
        first, last = start // BLOCK_US, end // BLOCK_US
        whole = sum(self._block(block).total_us for block in range(min(first, last), max(first, last)))
        passed = self._block(last).until(end) - self._block(first).until(start)
        return passed + (whole if first <= last else -whole)

    def _block(self, number: int) -> OpenTimes:
        if (known := self._blocks.get(number)) is not None:
            return known
        made = open_times(self.zone, self.week, self._holiday_numbers, self.off, number)
        return self._blocks.setdefault(number, made)

    @cached_property
    def _holiday_numbers(self) -> frozenset[int]:
        return frozenset(day.toordinal() - _ORDINAL_OF_1970 for day in self.holidays)


REP_ALWAYS = WorkingTime("UTC", (_WHOLE_DAY,) * 7)
"""Round the clock: what holds where no hours are stated."""
