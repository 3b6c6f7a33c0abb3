"""What reps say of leads, as it is sent and answered, as types."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from serving.api.decision_types import (  # noqa: TC001 - pydantic reads the annotations
    Action,
    BantAnswer,
    Note,
    YesNo,
)
from serving.scoring.bodies import Moment  # noqa: TC001 - pydantic reads the annotations

_NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
Author = Annotated[str, Field(min_length=1, max_length=200, pattern=_NOT_BLANK)]
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=_NOT_BLANK)]
Question = Literal["budget", "authority", "need", "timeline"]
FeedbackKind = Literal["accepted", "rejected", "wrong_score", "override", "disqualified", "reinstated"]
FEEDBACK_KINDS: tuple[FeedbackKind, ...] = get_args(FeedbackKind)


class BantAnswersBody(BaseModel):
    """Answers to some of the four questions; one that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    budget: YesNo | None = None
    authority: YesNo | None = None
    need: YesNo | None = None
    timeline: YesNo | None = None


class BantBody(BaseModel):
    """What a lead answered, who says so, and when it was."""

    model_config = ConfigDict(extra="forbid")

    answers: BantAnswersBody
    author: Author
    answered_at: Moment | None = Field(default=None, description="Not in the future. Default: now.")
    note: Note | None = None


class GivenAnswer(BaseModel):
    """One answer that was posted."""

    question: Question
    answer: YesNo
    answered_at: str
    known_at: str
    author: str
    note: str | None


class BantGivenAnswer(BaseModel):
    """How the four questions stand, and every answer that was posted, the newest first."""

    lead_id: str
    bant: list[BantAnswer]
    answers: list[GivenAnswer]


class FeedbackBody(BaseModel):
    """What somebody says of a lead. Which members belong to which kind: docs/api-v1.md."""

    model_config = ConfigDict(extra="forbid")

    kind: FeedbackKind
    author: Author
    reason: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")] | None = None
    note: Note | None = None
    action: Action | None = None
    queue: Word | None = None
    track: Word | None = None
    temperature: Literal["cold", "warm", "hot"] | None = None
    expires_at: Moment | None = None
    category: Word | None = None
    until: Moment | None = None
    disqualifier: Word | None = None


class FeedbackAnswer(BaseModel):
    """Something that was said of a lead."""

    id: str
    lead_id: str
    kind: FeedbackKind
    author: str
    reason: str
    content: dict[str, Any] = Field(description="The score and stage then, and what belongs to the kind.")
    at: str
    expires_at: str | None
    ended_at: str | None = Field(description="Since when it counts no more.")


class FeedbackPageAnswer(BaseModel):
    """What was said of a lead, the newest first."""

    lead_id: str
    feedback: list[FeedbackAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class FeedbackCountAnswer(BaseModel):
    """How often something was said; of rejections, by reason."""

    kind: FeedbackKind
    reason: str
    count: int


class FeedbackCountsAnswer(BaseModel):
    """How often what was said, the most frequent first."""

    counts: list[FeedbackCountAnswer]


class StageBody(BaseModel):
    """Where sales says that a lead is."""

    model_config = ConfigDict(extra="forbid")

    stage: Literal["SQL", "opportunity", "recycled"]
    substage: Word | None = Field(default=None, description="Default: the first of the stage, if it has any.")
    author: Author
    at: Moment | None = Field(default=None, description="Since when; not in the future. Default: now.")
    note: Note | None = None


class StageAnswer(BaseModel):
    """Where a lead is since."""

    lead_id: str
    stage: str
    substage: str | None
    since: str
    by: str
    state: Literal["changed", "unchanged"]
