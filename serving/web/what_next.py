"""What may come next of a lead, as the page shows it: some rows, with the shares drawn to one scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from models.next_acts import WINDOW_DAYS
from models.what_if import Outlook, foretell
from models.what_if.telling import such_leads
from serving.web.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.batch import LeadBatch
    from models.what_if import Foretold
    from models.what_if.foretelling import Scorer

ROWS = 7
"""So many rows are shown, that nothing comes among them."""

OF_ONE_TYPE = 2
"""So many rows are of one type of event, its details among them."""

SCALE = 1000
"""The width of the drawing for a share of 1."""

Moved = Literal["for", "against", "rest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRow:
    """One row: what would have come, how many such leads showed it, and the score then.

    `share` is in words, and empty where it is not known; `width` draws it, 0 to SCALE. `moved` is which way
    the score goes, and `change` by how much, in words.
    """

    what: str
    share: str
    width: int
    score: int
    change: str
    moved: Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatNext:
    """The section. `such_leads` says whose shares they are; empty where none are known."""

    rows: tuple[NextRow, ...]
    such_leads: str
    window_days: int
    note: str


def what_next(scorer: Scorer, lead: LeadBatch) -> WhatNext | None:
    """Return what may come next of one lead; None where it cannot be read, or the model counts no events."""
    found = foretell(scorer, lead)
    if not isinstance(found, Outlook) or len(found.next) == 1:
        return None
    nothing, *some = found.next
    possible = [one for one in some if one.share is None or one.share.share > 0]
    such = None if nothing.share is None else found.such_leads
    return WhatNext(
        rows=tuple(_row(one) for one in (nothing, *_some_of_each_type(possible)[: ROWS - 1])),
        such_leads="" if such is None else such_leads(such, scorer.words),
        window_days=WINDOW_DAYS,
        note=found.note,
    )


def _some_of_each_type(foretold: Sequence[Foretold]) -> list[Foretold]:
    """Return the first few of each type of event, in order: its details say much the same."""
    shown: list[Foretold] = []
    seen: Counter[str] = Counter()
    for one in foretold:
        [kind] = {event["type"] for event in one.hypothesis.events}
        seen[kind] += 1
        if seen[kind] <= OF_ONE_TYPE:
            shown.append(one)
    return shown


def _row(one: Foretold) -> NextRow:
    share = None if one.share is None else one.share.share
    return NextRow(
        what=one.clause[:1].upper() + one.clause[1:],
        share="" if share is None else percent(share),
        width=0 if share is None else round(SCALE * share),
        score=one.score.score,
        change=f"{one.change:+d}".replace("-", "\N{MINUS SIGN}") if one.change else "±0",
        moved="for" if one.change > 0 else "against" if one.change < 0 else "rest",
    )
