"""The stations of a lead between two moments: each has one more thing happen than the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from models.changes.news import seen_at
from models.score import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.batch import LeadBatch
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.score import Unscorable


class TellingScorer(Protocol):
    """What is needed of a scorer, whatever its rung."""

    name: str
    version: int | None
    spec: FeatureSpec
    artifact_sha256: str | None
    words: Phrasebook

    def score(self, batch: LeadBatch, *, shown: int | None = 5) -> list[Score | Unscorable]:
        """Return the scores of a batch."""
        ...

    def slope(self, start: float, end: float) -> float:
        """Return the points of score for a unit of log-odds between two margins."""
        ...


@dataclass(frozen=True, slots=True)
class Station:
    """A score on the way, and the scorer that gave it."""

    scorer: TellingScorer
    score: Score

    @property
    def model(self) -> tuple[str, int | None, str | None]:
        """What tells one model from another."""
        return self.scorer.name, self.scorer.version, self.scorer.artifact_sha256


class UnreadableError(ValueError):
    """A lead that could not be read at one of the stations, with what is wrong with it."""

    def __init__(self, lead: Unscorable) -> None:
        self.lead = lead
        super().__init__(f"{lead.lead_id} cannot be read: {lead.faults}")


def stations(scorer: TellingScorer, then: LeadBatch, now: LeadBatch) -> list[Station]:
    """Return four stations of one lead: as it was `then`, later, with its new events, with its new cells.

    Both batches hold the lead alone, as the scorer's mapping reads it: its cells as they stood at `as_of` of
    the batch, and its events (those that are not visible at that moment do not count). Raises
    UnreadableError where the lead cannot be read.
    """
    passed = replace(then, as_of=now.as_of, events=seen_at(then.events, int(then.as_of[0])))
    acted = replace(then, as_of=now.as_of, events=now.events, owner=now.owner)
    return [station(scorer, batch) for batch in (then, passed, acted, now)]


def after_events(scorer: TellingScorer, then: LeadBatch, now: LeadBatch, types: Sequence[str]) -> Station:
    """Return where the lead stands after what is new of some types of events, before its cells change."""
    events = seen_at(now.events, int(then.as_of[0]), types)
    return station(scorer, replace(then, as_of=now.as_of, events=events, owner=now.owner))


def after_columns(scorer: TellingScorer, then: LeadBatch, now: LeadBatch, names: Sequence[str]) -> Station:
    """Return where the lead stands after all its events, and the changes of some columns."""
    cells = {**then.cells, **{name: now.cells.get(name, [None]) for name in names}}
    return station(scorer, replace(now, cells=cells))


def station(scorer: TellingScorer, lead: LeadBatch) -> Station:
    """Return where a lead stands, told without reasons. Raises UnreadableError where it cannot be read."""
    [scored] = scorer.score(lead, shown=0)
    if not isinstance(scored, Score):
        raise UnreadableError(scored)
    return Station(scorer, scored)
