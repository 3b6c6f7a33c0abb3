"""The standing of one lead at a moment: open, won, lost or disqualified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from features.vocabulary import TOUCH_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.mapping import Events

Ended = Literal["won", "lost", "disqualified"]
Standing = Literal["open", "won", "lost", "disqualified"]


@dataclass(frozen=True, slots=True)
class Ending:
    """An outcome of the lead. Times are microseconds UTC."""

    outcome: Ended
    occurred_at: int
    known_at: int


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the lead did itself: no touch by us. Times are microseconds UTC."""

    occurred_at: int
    known_at: int


def standing_at(endings: Iterable[Ending], acts: Iterable[Act], as_of: int) -> Standing:
    """Return how a lead stood at a moment, in agreement with `features.snapshots.Lives`.

    A win stands for ever from when it occurred, whenever it was known. A loss stands from when it occurred
    and was known until a later act that was known too; the last loss counts, and of losses at one time the
    last in the order given.

    >>> lost = Ending("lost", 10, 10)
    >>> standing_at([lost], [Act(10, 10)], 20), standing_at([lost], [Act(11, 15)], 20)
    ('lost', 'open')
    """
    loss: Ending | None = None
    for ending in endings:
        if ending.occurred_at > as_of:
            continue
        if ending.outcome == "won":
            return "won"
        if ending.known_at <= as_of and (loss is None or ending.occurred_at >= loss.occurred_at):
            loss = ending
    if loss is None:
        return "open"
    reopened = any(loss.occurred_at < act.occurred_at <= as_of and act.known_at <= as_of for act in acts)
    return "open" if reopened else loss.outcome


def raw_touches(section: Events | None) -> frozenset[str]:
    """Return the types, as they are sent, that are touches under a mapping's section of events.

    A company's own names count by what `events.types` makes of them.
    """
    if section is None:
        return TOUCH_TYPES
    touches = TOUCH_TYPES | frozenset(section.touches)
    renamed = {raw for raw, name in section.types.items() if name in touches}
    return (touches - frozenset(section.types)) | renamed
