"""The answer that tells what changed, as types: what the OpenAPI document shows."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from serving.scoring.bodies import (  # noqa: TC001 - pydantic reads the annotations
    ModelAnswer,
    ReasonAnswer,
    Rung,
)


class MomentAnswer(BaseModel):
    """A lead's score at a moment, made anew from what was known then."""

    as_of: str
    score: int
    probability: float | None = Field(description="Null on the points rung.")
    grade: str
    rung: Rung
    model: ModelAnswer


class RecordedAnswer(BaseModel):
    """The newest score of the lead that was on record at the earlier moment."""

    record_id: str
    recorded_at: str
    as_of: str
    score: int
    model: ModelAnswer


class HappenedAnswer(BaseModel):
    """One thing that took place, and how far it took the score."""

    text: str
    effect: float
    log_odds: float | None


class StepAnswer(BaseModel):
    """What one kind of change did to the score, told twice: the effects of each add up to its own."""

    kind: Literal["time", "events", "fields", "model"]
    text: str
    score: int = Field(description="The score after this step.")
    effect: float = Field(description="In points of score.")
    log_odds: float | None = Field(description="Null on the points rung, and for a change of model.")
    happened: list[HappenedAnswer] = Field(
        description="Events type by type, columns one by one, in the order in which they are counted."
    )
    reasons: list[ReasonAnswer]


class ChangesAnswer(BaseModel):
    """How the score at one moment became that at another; the effects of the steps add up to `effect`."""

    lead_id: str
    text: str = Field(description="All of it in one sentence, in whole points.")
    since: MomentAnswer
    until: MomentAnswer
    effect: float = Field(description="The score at `until` less that at `since`.")
    log_odds: float | None = Field(
        description="The same in log-odds; null on the points rung, and where the model changed."
    )
    steps: list[StepAnswer]
    recorded: RecordedAnswer | None
    warnings: list[str]
