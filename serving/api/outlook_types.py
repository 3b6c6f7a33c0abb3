"""What is asked and answered of what may come next, as types: what the OpenAPI document shows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.scoring.bodies import (  # noqa: TC001 - pydantic reads the annotations
    Id,
    ModelAnswer,
    Moment,
    Name,
    Rung,
)
from serving.scoring.hypothetical import HYPOTHETICAL_EVENTS


class HypotheticalEvent(BaseModel):
    """Something that might happen."""

    model_config = ConfigDict(extra="allow")

    type: Name = Field(description="The type, as in the files or as the mapping names it.")
    occurred_at: Moment | None = Field(
        default=None, description="At or before the moment of the score. Default: that moment."
    )
    event_id: Id | None = Field(default=None, description="Of no matter here.")
    value: float | None = Field(default=None, description="An amount.")
    properties: dict[str, Any] | None = Field(default=None, description="Such as page or form.")


class WhatIfBody(BaseModel):
    """Events of one's own beside those that are plausible; {} for these alone."""

    model_config = ConfigDict(extra="forbid")

    events: list[HypotheticalEvent] = Field(
        default_factory=list, max_length=HYPOTHETICAL_EVENTS, description="Each is foretold by itself."
    )
    together: bool | None = Field(default=None, description="Whether all of them at once are foretold too.")


class ForetoldAnswer(BaseModel):
    """What the model would say after something, and how often such leads showed it within the window."""

    kind: Literal["act", "touch", "nothing", "together"]
    key: str | None = Field(description="The type, or type.detail; null for nothing, and for several.")
    events: list[int] = Field(description="Which of the body's events, counted from 0; else empty.")
    score: int
    change: int = Field(description="Points of score more than now.")
    log_odds: float | None = Field(description="The same of the margin; null on the points rung.")
    probability: float | None = Field(description="Null on the points rung.")
    share: float | None = Field(description="0-1; null where it is not known.")
    share_low: float | None = Field(description="The low end of its 90 % interval.")
    share_high: float | None = Field(description="The high end of its 90 % interval.")
    clause: str = Field(description="What would have come, as said after 'once'.")
    sentence: str
    warnings: list[str]


class SuchLeadsAnswer(BaseModel):
    """The leads whose shares are told."""

    score_from: int
    score_to: int
    activity: str = Field(description="When they were last active, as said after 'leads that'.")
    leads: int = Field(description="How many of them the shares rest on.")


class OutlookAnswer(BaseModel):
    """A lead's score now, and the scores that would follow: predictions, not effects."""

    lead_id: str
    as_of: str
    score: int
    probability: float | None = Field(description="Null on the points rung.")
    rung: Rung
    model: ModelAnswer
    window_days: int
    such_leads: SuchLeadsAnswer | None = Field(description="Null where no shares were learned.")
    note: str
    next: list[ForetoldAnswer] = Field(
        description="First that nothing comes; then by share times change; last what has no share."
    )
    sent: list[ForetoldAnswer] = Field(description="What the body's own events would do, in order.")
    warnings: list[str]
