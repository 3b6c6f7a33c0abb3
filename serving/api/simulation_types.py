"""What is sent and answered about simulations, as types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.scoring.bodies import Moment  # noqa: TC001 - pydantic reads the annotations


class SimulationBody(BaseModel):
    """Which policy is tried, beside which, on which past."""

    model_config = ConfigDict(extra="forbid")

    policy: str | None = Field(default=None, description="The other policy, in TOML.")
    version: int | None = Field(default=None, description="In its place: a version of the store.")
    against_version: int | None = Field(
        default=None, description="The policy beside it, a version. Default: the one in force."
    )
    since: Moment | None = Field(default=None, description="From when on. Default: 90 days ago.")
    until: Moment | None = Field(default=None, description="Until before when. Default: now.")
    capacity: Annotated[float, Field(ge=0.01)] | None = Field(
        default=None, description="Leads a day that sales has room for, where the policy does not say."
    )


class FigureAnswer(BaseModel):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class SimulatedPolicyAnswer(BaseModel):
    """A policy of a simulation."""

    name: str
    sha256: str


class SimulationFiguresAnswer(BaseModel):
    """What a policy did to leads; null where nothing is known of it."""

    leads_a_day: FigureAnswer | None = Field(description="That go to sales for the first time.")
    handed_over: FigureAnswer | None = Field(description="How many those are.")
    again: FigureAnswer | None = Field(description="How often one came back to sales.")
    conversions: FigureAnswer | None = Field(description="Leads that won within the horizon.")
    caught: FigureAnswer | None = Field(description="Of them, those handed over before they won.")
    share_caught: FigureAnswer | None
    precision: FigureAnswer | None = Field(description="Of leads handed over, those that then won.")
    expected_value: FigureAnswer | None = Field(description="By probability, less the cost of touches.")
    realised_value: FigureAnswer | None = Field(description="Of wins caught, less the cost of touches.")


class ComparedAnswer(BaseModel):
    """The figures of both policies, and other - present."""

    present: SimulationFiguresAnswer
    other: SimulationFiguresAnswer
    difference: SimulationFiguresAnswer


class ChangedSideAnswer(BaseModel):
    """A lead that goes to sales under one policy alone."""

    lead_id: str
    at: str
    why: str
    why_not: str
    won: bool


class LoadAnswer(BaseModel):
    """Leads a day to one queue or rep."""

    name: str
    present: FigureAnswer
    other: FigureAnswer
    difference: FigureAnswer


class ResponsesAnswer(BaseModel):
    """How soon leads handed over are contacted."""

    how: Literal["recorded", "allowed", "unknown"]
    median_hours: float | None
    known: int = Field(description="Of how many leads that is the median.")
    handed_over: int


class ThresholdAnswer(BaseModel):
    """What one threshold would have given."""

    threshold: float
    leads_a_day: float
    share_caught: float | None
    precision: float | None
    expected: float | None
    realised: float


class BestThresholdAnswer(BaseModel):
    """The threshold of the largest realised value within the capacity."""

    threshold: FigureAnswer
    realised: FigureAnswer
    leads_a_day: float
    capacity: float | None


class CurveAnswer(BaseModel):
    """Thresholds on the score or on the value."""

    by: Literal["score", "value"]
    points: list[ThresholdAnswer]
    best: BestThresholdAnswer | None


class ProposalAnswer(BaseModel):
    """The least score from which on sales accepts as many as are wanted. It is never applied by itself."""

    wanted: float = Field(description="The share (0-1) that is to be accepted.")
    threshold: FigureAnswer | None = Field(description="Null where nothing is proposed.")
    why: str = Field(description="What it rests on, or why nothing is proposed.")
    accepted: int
    returned: int = Field(description="For reasons that tell of the score.")
    rate: float | None = Field(description="The share accepted.")
    reasons: dict[str, int] = Field(description="All returns by reason.")


class SimulationAnswer(BaseModel):
    """A past under two policies."""

    present: SimulatedPolicyAnswer
    other: SimulatedPolicyAnswer
    since: str
    until: str
    days: int = Field(description="What leads a day are of.")
    leads: int
    moments: int = Field(description="How many decisions were made under each policy.")
    share: float = Field(description="Of how many of the leads; counts are scaled to all.")
    horizon_days: float
    figures: ComparedAnswer
    to_sales: int = Field(description="How many leads would go to sales that do not now.")
    from_sales: int = Field(description="How many would no longer.")
    earlier: int
    later: int
    changed_to_sales: list[ChangedSideAnswer] = Field(description="The first 500 of them.")
    changed_from_sales: list[ChangedSideAnswer] = Field(description="The first 500 of them.")
    queues: list[LoadAnswer]
    reps: list[LoadAnswer]
    responses_present: ResponsesAnswer
    responses_other: ResponsesAnswer
    curves: list[CurveAnswer]
    cautions: list[str] = Field(description="What a reader has to know.")
