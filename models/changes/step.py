"""The steps from a lead's score at one moment to its score at another: the values that travel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from models.reasons.rest import remainder

if TYPE_CHECKING:
    from models.score import Family, Score

Kind = Literal["time", "events", "fields", "model"]
"""What a step lets happen, in the order of the steps."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that took place, and what it did: the difference of two scores, and of their margins."""

    text: str
    effect: float
    log_odds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that a step moved.

    `effect` is in points of score, `log_odds` the difference of the contributions of `features`; None on the
    points rung, and where the model is another. `is_own` says that the step is about it: it did not only
    come to weigh differently beside what the step is about. The last part of a step has no family and no
    features and holds what the others leave.
    """

    text: str
    effect: float
    log_odds: float | None
    family: Family | None
    features: tuple[str, ...]
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one kind of change did: `effect` points of score, after which the score was `score`.

    It is told twice. `happened` says one after the other what took place, events type by type and columns one
    by one; `parts` say, group by group, what the contributions make of all of it. The effects of each add up
    to `effect`, and their log-odds to `log_odds`, in their order.
    """

    kind: Kind
    text: str
    score: int
    effect: float
    log_odds: float | None
    happened: tuple[Happened, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How the score at `since` became the one at `until`. The steps' effects add up to `effect`.

    The steps' log-odds add up, in their order, to `log_odds`, the difference of the margins; that is None
    where there is none: on the points rung, and between models, whose margins are not on one scale.
    """

    since: Score
    until: Score
    steps: tuple[Step, ...]

    @property
    def effect(self) -> float:
        """The difference of the scores, in points."""
        return float(self.until.score - self.since.score)

    @property
    def log_odds(self) -> float | None:
        """The difference of the margins."""
        is_other = any(step.kind == "model" for step in self.steps)
        if is_other or self.until.margin is None or self.since.margin is None:
            return None
        return self.until.margin - self.since.margin


def rest_of(
    parts: list[Part] | tuple[Part, ...], text: str, *, effect: float, log_odds: float | None
) -> Part:
    """Return the last part of a step, which holds what the others leave of its effect and log-odds."""
    held = [part.log_odds for part in parts if part.log_odds is not None]
    return Part(
        text=text,
        effect=remainder([part.effect for part in parts], effect),
        log_odds=None if log_odds is None else remainder(held, log_odds),
        family=None,
        features=(),
        is_own=False,
    )


def shortened(changes: Changes, shown: int | None) -> Changes:
    """Return changes of which each step is told with `shown` parts before the last; None tells all."""
    if shown is None:
        return changes
    return replace(changes, steps=tuple(_shorter(step, shown) for step in changes.steps))


def _shorter(step: Step, shown: int) -> Step:
    *told, last = step.parts
    kept = told[:shown]
    rest = rest_of(kept, last.text, effect=step.effect, log_odds=step.log_odds)
    return replace(step, parts=(*kept, rest))
