"""'What changed' on the page of a stored lead: the last seven days, in a sentence and step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from features.durations import DAY_US
from models.changes.sentence import sentence, signed_whole
from serving.scoring.changes import Told
from serving.web.waterfall import WIDTH
from serving.web.words import moment

if TYPE_CHECKING:
    from features.batch import LeadBatch
    from models.changes.step import Step
    from serving.scoring.changes import LeadChanges

LOOKED_BACK_US = 7 * DAY_US
YOUNG_US = DAY_US // 24
"""A lead that came in less than an hour ago has no changes to tell."""

PARTS_SHOWN = 4
Kind = Literal["base", "for", "against", "rest", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One bar, from `x` over `width`: `start_x` is joined to the bar above, `end_x` to the one below.

    `parts` are texts and points of what the step is about, where that is more than one thing.
    """

    text: str
    points: str
    kind: Kind
    x: float
    width: float
    start_x: float
    end_x: float
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatChanged:
    """The section's content."""

    sentence: str
    rows: tuple[ChangeRow, ...]
    warnings: tuple[str, ...]


def what_changed(changes: LeadChanges, lead: LeadBatch) -> WhatChanged | None:
    """Return what changed about a stored lead since a week ago, or since it was created if that is later.

    None where there is nothing to tell: a lead of files, one that came in just now, one that was not open
    then.
    """
    now, created = int(lead.as_of[0]), int(lead.created_at[0])
    since = max(created, now - LOOKED_BACK_US)
    if not lead.is_stored or now - since < YOUNG_US:
        return None
    found = changes.find(lead.lead_ids[0], since, None, now)
    if not isinstance(found, Told):
        return None
    told = found.changes
    return WhatChanged(
        sentence=sentence(told, is_now=True),
        rows=(
            _whole(moment(told.since.as_of), told.since.score, "base"),
            *(_row(step) for step in told.steps),
            _whole("Now", told.until.score, "total"),
        ),
        warnings=found.warnings,
    )


def _row(step: Step) -> ChangeRow:
    start, end = _x(step.score - step.effect), _x(step.score)
    kind: Kind = "rest" if step.effect == 0 else "for" if step.effect > 0 else "against"
    largest = sorted(step.happened, key=lambda one: -abs(one.effect))[:PARTS_SHOWN]
    parts = tuple((one.text, signed_whole(one.effect)) for one in largest) if len(step.happened) > 1 else ()
    return ChangeRow(
        text=step.text[0].upper() + step.text[1:],
        points=signed_whole(step.effect),
        kind=kind,
        x=min(start, end),
        width=max(round(abs(end - start), 2), 3.0),
        start_x=start,
        end_x=end,
        parts=parts,
    )


def _whole(text: str, score: int, kind: Kind) -> ChangeRow:
    end = _x(score)
    return ChangeRow(text=text, points=str(score), kind=kind, x=0.0, width=end, start_x=end, end_x=end)


def _x(score: float) -> float:
    return round(score / 100 * WIDTH, 2)
