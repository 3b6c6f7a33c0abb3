"""The bodies of requests and answers as types: what the OpenAPI document shows.

Requests are checked by `serving.requests`, whose faults name each field; these types document it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Cell = str | int | float | bool | list[str] | None


class ScoreBody(BaseModel):
    """A lead, what it did, and the moment at which it is scored."""

    model_config = ConfigDict(extra="ignore")

    lead: dict[str, Cell] = Field(
        default_factory=dict,
        description="lead_id, created_at, and the fit columns under the company's own names.",
    )
    events: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Each with type and occurred_at; event_id, known_at and properties.page are optional.",
    )
    as_of: str | None = Field(default=None, description="RFC 3339. Default: the time of arrival.")


class BatchBody(BaseModel):
    """Up to 1,000 bodies of /score."""

    model_config = ConfigDict(extra="ignore")

    leads: list[ScoreBody] = Field(default_factory=list, description="Each as a body of /score.")


class ReasonAnswer(BaseModel):
    """One thing that moved the score; `effect` is in points of score."""

    text: str
    effect: float
    log_odds: float
    family: Literal["fit", "engagement", "context"] | None
    features: list[str]


class AdviceAnswer(BaseModel):
    """What to do; what nothing has decided is null."""

    action: Literal["route", "nurture"]
    stage: str | None
    temperature: str | None
    queue: str | None
    rule: str
    why: str


class ModelAnswer(BaseModel):
    """Which model answered."""

    name: str
    version: int | None


class ScoreAnswer(BaseModel):
    """How likely the lead is to convert, why, and what to do about it."""

    lead_id: str
    as_of: str
    score: int
    probability: float
    probability_low: float
    probability_high: float
    horizon_days: float | None
    fit_score: int
    engagement_score: int | None
    grade: str
    rung: Literal["points", "blend", "model"]
    confidence: Literal["low", "medium", "high"]
    baseline_score: int
    baseline_probability: float
    base_rate: float
    reasons: list[ReasonAnswer]
    advice: AdviceAnswer
    model: ModelAnswer
    features_sha256: str
    warnings: list[str]


class ErrorAnswer(BaseModel):
    """One field at fault."""

    field: str
    expected: str
    found: str
    remedy: str


class ProblemAnswer(BaseModel):
    """Why there is no score (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorAnswer]


class BatchAnswer(BaseModel):
    """The answers, in the order of the leads."""

    scores: list[ScoreAnswer | ProblemAnswer]
