"""What changed, in one sentence, whose whole points add up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.changes.step import Changes, Step

MOST = 6
"""So many things are named at most; what is smaller is 'other'."""

SMALL = 1.0
"""Fewer points are 'other'."""

OTHER = "other"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Named:
    """One thing of the sentence, with its points."""

    text: str
    points: float


def sentence(changes: Changes, *, is_now: bool) -> str:
    """Return what changed as one sentence, the steps in their order and in each the largest first.

    'From 41 to 78 since Monday: a quiet week (-3), asked for a demo (+27), new model (+4)', with a true
    minus. The points are whole and add up to the difference. `is_now` says that the later moment is the
    present, which needs no name. Days and times are UTC.
    """
    before, after = changes.since.score, changes.until.score
    when = _when(changes.since.as_of, changes.until.as_of, is_now=is_now)
    start = f"Still {after} {when}" if before == after else f"From {before} to {after} {when}"
    told = [f"{one.text} ({signed_whole(one.points)})" for one in _whole(_named(changes.steps)) if one.points]
    if told:
        return f"{start}: {', '.join(told)}"
    if [step.kind for step in changes.steps] == ["time"]:
        return f"{start}: {changes.steps[0].text}"
    return start


def signed_whole(points: float) -> str:
    r"""Return whole points with their sign.

    >>> signed_whole(9), ascii(signed_whole(-2)), signed_whole(0)
    ('+9', "'\\u22122'", '0')
    """
    return f"{points:+.0f}".replace("-", MINUS) if points else "0"


def whole_parts(parts: Sequence[float]) -> list[int]:
    """Return whole numbers near `parts` (each less than 1 away) that add up to the rounded sum of `parts`.

    The method of largest remainders: all are rounded down, and those with the largest remainders go up.

    >>> whole_parts([0.5, 0.5, -3.0]), whole_parts([1.4, 1.4, 1.2])
    ([1, 0, -3], [2, 1, 1])
    """
    floors = [math.floor(part) for part in parts]
    missing = round(math.fsum(parts)) - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda at: (floors[at] - parts[at], at))
    up = set(by_remainder[:missing])
    return [floor + (at in up) for at, floor in enumerate(floors)]


def _named(steps: Sequence[Step]) -> list[Named]:
    """Return what is named, and last what is gathered, of which there may be nothing."""
    told = [one for step in steps for one in _of_step(step)]
    largest = sorted(range(len(told)), key=lambda at: (-abs(told[at].points), at))[:MOST]
    kept = {at for at in largest if abs(told[at].points) >= SMALL and told[at].text != OTHER}
    rest = math.fsum(one.points for at, one in enumerate(told) if at not in kept)
    return [*(one for at, one in enumerate(told) if at in kept), Named(OTHER, rest)]


def _of_step(step: Step) -> list[Named]:
    """Return what a step is about with its points, the largest first, and last what else it moved."""
    if step.things == 1:
        return [Named(step.shortly, step.effect)]
    own = [Named(part.text, part.effect) for part in step.parts if part.is_own]
    return [*own, Named(OTHER, step.effect - math.fsum(one.points for one in own))]


def _whole(named: Sequence[Named]) -> list[Named]:
    points = whole_parts([one.points for one in named])
    return [Named(one.text, whole) for one, whole in zip(named, points, strict=True)]


def _when(since: int, until: int, *, is_now: bool) -> str:
    start, end = _moment(since), _moment(until)
    if not is_now and start.date() == end.date():
        return f"between {start:%H:%M} and {end:%H:%M} UTC on {_day(end, end, weekdays=False)}"
    if not is_now:
        return f"between {_day(start, end, weekdays=False)} and {_day(end, end, weekdays=False)}"
    return f"since {_day(start, end, weekdays=True)}"


def _day(moment: datetime, end: datetime, *, weekdays: bool) -> str:
    """Return a moment as somebody at `end` calls it: '09:30 UTC', 'Monday', '12 November', '3 May 2025'."""
    days = (end.date() - moment.date()).days
    if weekdays and days == 0:
        return f"{moment:%H:%M} UTC"
    if weekdays and days < 7:
        return f"{moment:%A}"
    year = "" if moment.year == end.year else f" {moment.year}"
    return f"{moment.day} {moment:%B}{year}"


def _moment(us: int) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, UTC)
