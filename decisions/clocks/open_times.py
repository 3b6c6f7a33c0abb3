"""The times of a stretch of the calendar at which somebody works, and how much they amount to."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from decisions.clocks.zone_offsets import pieces
from features.durations import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Week: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]
"""Seven days, Monday first, each its spans in minutes from its local midnight. The end is not included; one
beyond 1440 lies on the next day."""

BLOCK_US = 400 * DAY_US
"""How much of the calendar is worked out at a time."""

_MINUTE_US = 60_000_000
_THURSDAY = 3  # the first of January 1970


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """Times that are apart and in order: from `starts[i]` until before `ends[i]`, microseconds UTC.

    `until_start[i]` is the sum of all before the i-th, and its last element, one more, that of all.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    until_start: Sequence[int]

    @property
    def total_us(self) -> int:
        """How much they amount to."""
        return self.until_start[-1]

    def until(self, at: int) -> int:
        """Return how much of them lies before a moment."""
        here = bisect_right(self.starts, at) - 1
        return 0 if here < 0 else self.until_start[here] + min(at, self.ends[here]) - self.starts[here]

    def holds(self, at: int) -> bool:
        """Return whether a moment is within one of them."""
        here = bisect_right(self.starts, at) - 1
        return here >= 0 and at < self.ends[here]

    def first_from(self, at: int) -> int | None:
        """Return the first moment at or after `at` that is within one of them, None where there is none."""
        here = bisect_right(self.ends, at)
        return max(at, self.starts[here]) if here < len(self.starts) else None

    def reached(self, sum_us: int) -> int:
        """Return the first moment before which they amount to `sum_us`, more than 0 and at most the total."""
        here = bisect_right(self.until_start, sum_us - 1) - 1
        return self.starts[here] + sum_us - self.until_start[here]


def open_times(
    zone: str, week: Week, holidays: frozenset[int], off: Sequence[tuple[int, int]], block: int
) -> OpenTimes:
    """Return the working times of block `block`, which begins `block` times BLOCK_US after 1970.

    `holidays` are days since 1970: the spans that begin on them are left out. `off` is left out whatever day
    it falls on.
    """
    worked = _joined((start, end) for day, start, end in _by_day(zone, week, block) if day not in holidays)
    left = _without(worked, _joined(sorted(off)))
    sums = accumulate((end - start for start, end in left), initial=0)
    return OpenTimes([start for start, _ in left], [end for _, end in left], list(sums))


@lru_cache(maxsize=1_024)
def _by_day(zone: str, week: Week, block: int) -> tuple[tuple[int, int, int], ...]:
    """Return (day since 1970 on which the span begins, start, end) of what a week gives in a block, by start.

    A moment belongs to a span where its local time is within the span. So of an hour that clocks skip
    there is none, and an hour that they repeat is in it twice.
    """
    first, last = block * BLOCK_US, (block + 1) * BLOCK_US
    offsets = pieces(zone, first, last)
    found: list[tuple[int, int, int]] = []
    for day in range(first // DAY_US - 3, last // DAY_US + 2):  # offsets are below a day, spans below two
        for start_minute, end_minute in week[(day + _THURSDAY) % 7]:
            start, end = (day * DAY_US + minute * _MINUTE_US for minute in (start_minute, end_minute))
            for piece in offsets:
                here = max(start - piece.offset_us, piece.start), min(end - piece.offset_us, piece.end)
                if here[0] < here[1]:
                    found.append((day, *here))
    return tuple(sorted(found, key=lambda one: one[1:]))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans, given by their start, with those joined that touch or overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _without(spans: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans without what lies in holes; each list is apart and in order."""
    if not holes:
        return spans
    left: list[tuple[int, int]] = []
    for start, end in spans:
        begun = start
        for hole_start, hole_end in holes[max(0, bisect_right(holes, (start, start)) - 1) :]:
            if hole_start >= end:
                break
            if begun < hole_start:
                left.append((begun, hole_start))
            begun = max(begun, hole_end)
        if begun < end:
            left.append((begun, end))
    return left
