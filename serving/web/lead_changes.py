"""'What changed' on the page of a stored lead: the last seven days, in a sentence and bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from features.durations import DAY_US
from models.changes.sentence import signed_whole
from models.changes.words import listed
from serving.scoring.changes import Told
from serving.web.waterfall import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.batch import LeadBatch
    from models.changes.step import Changes, Happened, Step
    from serving.scoring.changes import LeadChanges

LOOKED_BACK_US = 7 * DAY_US
YOUNG_US = DAY_US // 24
"""A lead that came in less than an hour ago has no changes to tell."""

Kind = Literal["base", "for", "against", "rest", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One bar, from `x` over `width`: `start_x` is joined to the bar above, `end_x` to the one below."""

    text: str
    points: str
    kind: Kind
    x: float
    width: float
    start_x: float
    end_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatChanged:
    """The section's content. `unmoved` says what took place and moved nothing, None where nothing did."""

    sentence: str
    rows: tuple[ChangeRow, ...]
    unmoved: str | None
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
    unmoved = [one.text for step in told.steps for one in _without_effect(step)]
    return WhatChanged(
        sentence=found.text,
        rows=(
            _whole("When it came in" if since == created else "A week ago", told.since.score, "base"),
            *_rows(told),
            _whole("Now", told.until.score, "total"),
        ),
        unmoved=listed(unmoved, found.words) if unmoved else None,
        warnings=found.warnings,
    )


def _without_effect(step: Step) -> list[Happened]:
    return [one for one in step.happened if not one.effect] if step.kind in {"events", "fields"} else []


def _rows(changes: Changes) -> Iterator[ChangeRow]:
    """Return a bar for each thing that took place, in its order, but for what moved nothing."""
    score = float(changes.since.score)
    for step in changes.steps:
        unmoved = _without_effect(step)
        for one in step.happened:
            if one not in unmoved:
                text = f"{one.text}: {step.text}" if step.kind == "model" else one.text
                yield _row(text[0].upper() + text[1:], score, one.effect)
                score += one.effect


def _row(text: str, score: float, effect: float) -> ChangeRow:
    start, end = _x(score), _x(score + effect)
    kind: Kind = "rest" if effect == 0 else "for" if effect > 0 else "against"
    return ChangeRow(
        text=text,
        points=signed_whole(effect),
        kind=kind,
        x=min(start, end),
        width=max(round(abs(end - start), 2), 3.0),
        start_x=start,
        end_x=end,
    )


def _whole(text: str, score: int, kind: Kind) -> ChangeRow:
    end = _x(score)
    return ChangeRow(text=text, points=str(score), kind=kind, x=0.0, width=end, start_x=end, end_x=end)


def _x(score: float) -> float:
    return round(score / 100 * WIDTH, 2)
