"""What changed, in one sentence, whose points add up."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.changes.step import Happened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.words import Phrasebook
    from models.changes.step import Changes, Step

MOST = 6
"""So many things are named at most; what is smaller is 'other'."""

MINUS = "\N{MINUS SIGN}"


def sentence(changes: Changes, *, is_now: bool, words: Phrasebook = ENGLISH) -> str:
    """Return what changed as one sentence, the steps in their order and in each the largest first.

    'From 41 to 78 since Monday: a quiet week (-3), asked for a demo (+27), new model (+4)', with a true
    minus. The points are differences of scores, which are whole, and add up. `is_now` says that the later
    moment is the present, which needs no name. Days and times are UTC.
    """
    before, after = changes.since.score, changes.until.score
    when = _Moments(changes.since.as_of, changes.until.as_of, words).told(is_now=is_now)
    form = "still" if before == after else "since"
    start = words.text(f"changes.{form}", before=str(before), after=str(after), when=when)
    other = words.text("changes.other")
    told = [
        words.text("changes.item", said=one.text, points=signed_whole(one.effect))
        for one in _named(changes.steps, other)
        if one.effect
    ]
    if not told and [step.kind for step in changes.steps] == ["time"]:
        told = [changes.steps[0].happened[0].text]
    elif not told and changes.steps:
        told = [words.text("changes.nothing_moved")]
    if not told:
        return start
    joined = words.catalogue.marks["values.separator"].join(told)
    return words.text("changes.told", start=start, list=joined)


def signed_whole(points: float) -> str:
    r"""Return whole points with their sign.

    >>> signed_whole(9), ascii(signed_whole(-2)), signed_whole(0)
    ('+9', "'\\u22122'", '0')
    """
    return f"{points:+.0f}".replace("-", MINUS) if points else "0"


def _named(steps: Sequence[Step], other: str) -> list[Happened]:
    """Return what is named, in the order of the steps and the largest first, and last what is gathered."""
    told = [one for step in steps for one in sorted(step.happened, key=lambda one: -abs(one.effect))]
    largest = sorted(range(len(told)), key=lambda at: (-abs(told[at].effect), at))[:MOST]
    rest = math.fsum(one.effect for at, one in enumerate(told) if at not in largest)
    return [*(one for at, one in enumerate(told) if at in largest), Happened(other, rest, None)]


class _Moments:
    """Calls two moments, microseconds UTC, as somebody at the later one does."""

    def __init__(self, since: int, until: int, words: Phrasebook) -> None:
        self._start, self._end = _moment(since), _moment(until)
        self._words = words

    def told(self, *, is_now: bool) -> str:
        """Return both moments, or the earlier one alone where the later is the present."""
        start, end = self._start, self._end
        if is_now:
            return self._words.text("changes.when_since", moment=self._since())
        if start.date() == end.date():
            times = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
            return self._words.text("changes.when_on_one_day", day=self._day(end), **times)
        return self._words.text("changes.when_between", start=self._day(start), end=self._day(end))

    def _since(self) -> str:
        """Return the earlier moment: '09:30 UTC', 'Monday', '12 November', '3 May 2025'."""
        days = (self._end.date() - self._start.date()).days
        if days == 0:
            return self._words.text("changes.time", time=f"{self._start:%H:%M}")
        return self._words.numerals.weekday(_us(self._start)) if days < 7 else self._day(self._start)

    def _day(self, moment: datetime) -> str:
        if moment.year != self._end.year:
            return self._words.numerals.day(_us(moment))
        month = self._words.catalogue.lists["dates.months"][moment.month - 1]
        return self._words.text("changes.day", day=str(moment.day), month=month)


def _moment(us: int) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, UTC)


def _us(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000
