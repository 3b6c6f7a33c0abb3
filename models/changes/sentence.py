"""What changed, in one sentence, whose points add up."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models.changes.step import Happened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.changes.step import Changes, Step

MOST = 6
"""So many things are named at most; what is smaller is 'other'."""

OTHER = "other"
MINUS = "\N{MINUS SIGN}"


def sentence(changes: Changes, *, is_now: bool) -> str:
    """Return what changed as one sentence, the steps in their order and in each the largest first.

    'From 41 to 78 since Monday: a quiet week (-3), asked for a demo (+27), new model (+4)', with a true
    minus. The points are differences of scores, which are whole, and add up. `is_now` says that the later
    moment is the present, which needs no name. Days and times are UTC.
    """
    before, after = changes.since.score, changes.until.score
    when = _when(changes.since.as_of, changes.until.as_of, is_now=is_now)
    start = f"Still {after} {when}" if before == after else f"From {before} to {after} {when}"
    told = [f"{one.text} ({signed_whole(one.effect)})" for one in _named(changes.steps) if one.effect]
    if not told and [step.kind for step in changes.steps] == ["time"]:
        told = [changes.steps[0].happened[0].text]
    elif not told and changes.steps:
        told = ["nothing that happened moved it"]
    return f"{start}: {', '.join(told)}" if told else start


def signed_whole(points: float) -> str:
    r"""Return whole points with their sign.

    >>> signed_whole(9), ascii(signed_whole(-2)), signed_whole(0)
    ('+9', "'\\u22122'", '0')
    """
    return f"{points:+.0f}".replace("-", MINUS) if points else "0"


def _named(steps: Sequence[Step]) -> list[Happened]:
    """Return what is named, in the order of the steps and the largest first, and last what is gathered."""
    told = [one for step in steps for one in sorted(step.happened, key=lambda one: -abs(one.effect))]
    largest = sorted(range(len(told)), key=lambda at: (-abs(told[at].effect), at))[:MOST]
    rest = math.fsum(one.effect for at, one in enumerate(told) if at not in largest)
    return [*(one for at, one in enumerate(told) if at in largest), Happened(OTHER, rest, None)]


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
