"""The bodies of requests and answers as types: what the OpenAPI document shows.

Requests are checked by `serving.scoring.requests`, whose faults name each field; these types document it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.wire.values import ID_LIMIT, NAME_LIMIT

Cell = str | int | float | bool | list[str] | None

_NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"

Id = Annotated[str, Field(min_length=1, max_length=ID_LIMIT, pattern=_NOT_BLANK)]
"""An id: text that is not blank, without NUL characters."""

Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT, pattern=_NOT_BLANK)]

Rung = Literal["points", "blend", "model"]

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Lead(BaseModel):
    """A lead: its id, when it was created, and columns under the company's own names."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Cell] = Field(init=False)

    lead_id: Id | None = Field(default=None, description="The lead's id.")
    created_at: Moment | None = Field(default=None, description="When the lead was created.")


class ScoredEvent(BaseModel):
    """Something that the lead did, or that was done with it."""

    model_config = ConfigDict(extra="allow")

    lead_id: Id | None = Field(default=None, description="If sent, the id of this lead.")
    type: Name = Field(description="The type, as in the files or as the mapping names it.")
    occurred_at: Moment = Field(description="When it happened.")
    known_at: Moment | None = Field(default=None, description="When it became known. Default: occurred_at.")
    event_id: Id | None = Field(default=None, description="An event that is sent twice counts once.")
    value: float | None = Field(default=None, description="An amount.")
    properties: dict[str, Any] | None = Field(default=None, description="Such as page or form.")


class ScoreBody(BaseModel):
    """A lead, what it did, and the moment at which it is scored."""

    model_config = ConfigDict(extra="forbid")

    lead: Lead = Field(default_factory=Lead)
    events: list[ScoredEvent] = Field(default_factory=list, description="What the lead did.")
    as_of: Moment | None = Field(default=None, description="RFC 3339. Default: the time of arrival.")


class BatchBody(BaseModel):
    """Up to 1,000 bodies of /score."""

    model_config = ConfigDict(extra="forbid")

    leads: list[ScoreBody] = Field(default_factory=list, description="Each as a body of /score.")


class ReasonAnswer(BaseModel):
    """One thing that moved the score; `effect` is in points of score."""

    text: str
    effect: float
    log_odds: float | None = Field(description="Null on the points rung.")
    family: Literal["fit", "engagement", "context"] | None
    features: list[str]


class PartsAnswer(BaseModel):
    """The parts of the margin in log-odds: added up in this order they are the margin.

    All are null on the points rung.
    """

    expected: float | None
    fit: float | None
    engagement: float | None
    context: float | None


class ExplanationAnswer(BaseModel):
    """Why a score is what it is, for people. It says what moved the score, and claims no cause."""

    summary: str = Field(description="One line: the strongest for and against.")
    handoff: str = Field(description="A paragraph for who takes the lead over.")
    log_odds: PartsAnswer
    fit_score: int
    engagement_score: int | None
    not_known: list[str] = Field(description="The names of columns of which nothing is known.")


class AdviceAnswer(BaseModel):
    """What to do; what nothing has decided is null."""

    action: Literal["route", "nurture", "out", "none"]
    stage: str | None
    temperature: Literal["cold", "warm", "hot"]
    queue: str | None = Field(description="Where a lead that is routed goes.")
    track: str | None = Field(description="Along which track a lead is nurtured.")
    rule: str = Field(description="The rule of the policy that settled it.")
    why: str


class ModelAnswer(BaseModel):
    """Which model answered."""

    name: str
    version: int | None


class ScoreAnswer(BaseModel):
    """How likely the lead is to convert, why, and what to do about it.

    On the points rung there is no probability and no band, no baseline probability and no base rate.
    """

    lead_id: str
    as_of: str
    score: int
    probability: float | None
    probability_low: float | None
    probability_high: float | None
    horizon_days: float | None
    fit_score: int
    engagement_score: int | None
    grade: str
    rung: Rung
    confidence: Literal["low", "medium", "high"]
    baseline_score: int
    baseline_probability: float | None
    base_rate: float | None
    reasons: list[ReasonAnswer]
    advice: AdviceAnswer
    model: ModelAnswer
    features_sha256: str
    warnings: list[str]


class ExplainedScoreAnswer(ScoreAnswer):
    """A score, and its explanation where ?explain=true asked for it."""

    explanation: ExplanationAnswer | None = Field(default=None, description="Only there with ?explain=true.")


class ErrorAnswer(BaseModel):
    """One field at fault."""

    field: str
    expected: str
    found: str
    remedy: str


class ProblemAnswer(BaseModel):
    """Why something was not done: what was expected, what was found, what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorAnswer]


class BatchAnswer(BaseModel):
    """The answers, in the order of the leads."""

    scores: list[ScoreAnswer | ProblemAnswer]
