"""What is sent and answered about acknowledgement, contacts, clocks and notices, as types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from decisions.clocks.policy import CountedIn  # noqa: TC001 - pydantic reads the annotations
from decisions.clocks.responses import Status  # noqa: TC001 - pydantic reads the annotations
from decisions.clocks.schedule import Kind  # noqa: TC001 - pydantic reads the annotations
from serving.scoring.bodies import Moment  # noqa: TC001 - pydantic reads the annotations
from serving.selling.clocks.answering import Channel, Outcome  # noqa: TC001 - pydantic reads the annotations

RepId = Annotated[str, Field(min_length=1, max_length=200)]


class AcknowledgedBody(BaseModel):
    """That a rep has taken a lead on."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId | None = Field(default=None, description="Who. Default: the rep who has the lead.")
    at: Moment | None = Field(default=None, description="When; not in the future. Default: now.")


class ContactedBody(BaseModel):
    """A touch of a lead by a rep."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId | None = Field(default=None, description="Who. Default: the rep who has the lead.")
    at: Moment | None = Field(default=None, description="When; not in the future. Default: now.")
    channel: Channel
    outcome: Outcome = Field(description="reached: the lead answered, and is followed up no more.")


class AcknowledgedAnswer(BaseModel):
    """Since when a lead is acknowledged."""

    lead_id: str
    assignment: str
    rep: str
    at: str
    state: Literal["acknowledged", "unchanged"]


class ContactedAnswer(BaseModel):
    """What became of a contact."""

    lead_id: str
    assignment: str | None = Field(description="In which it counts; null where the lead was not this rep's.")
    rep: str
    at: str
    channel: Channel
    outcome: Outcome
    state: Literal["kept", "unchanged"]


class ElapsedAnswer(BaseModel):
    """How long something took from the assignment on."""

    by_wall_seconds: float
    by_working_seconds: float = Field(description="The rep's working time alone.")


class TimerAnswer(BaseModel):
    """Something that is or was due."""

    kind: Kind
    stage: str = Field(description="Of a follow-up: in which stage. Else empty.")
    step: int = Field(description="Which follow-up, counted from 1. Else 0.")
    counted_in: CountedIn
    due_at: str = Field(description="The one of the next two that counts.")
    due_by_wall: str
    due_by_working: str | None = Field(description="Null where the rep is not seen to work so long.")
    met_at: str | None = Field(description="When it was done.")
    fired_at: str | None = Field(description="When somebody was told that it was not done.")
    status: Status


class AssignmentClocksAnswer(BaseModel):
    """The clocks of one assignment."""

    assignment: str
    rep: str | None = Field(description="Null while the lead waits in its queue.")
    queue: str
    state: str
    hops: int = Field(description="How often it had gone from rep to rep.")
    assigned_at: str
    ended_at: str | None
    acknowledged: ElapsedAnswer | None
    contacted: ElapsedAnswer | None
    accepted: ElapsedAnswer | None
    timers: list[TimerAnswer]


class ClocksAnswer(BaseModel):
    """The clocks of a lead, the newest assignment first."""

    lead_id: str
    assignments: list[AssignmentClocksAnswer]


class NoticeAnswer(BaseModel):
    """Something that is asked of somebody."""

    id: int
    lead_id: str
    assignment: str | None
    kind: str
    to: str | None = Field(description="A rep or a manager; null: the marketing tool.")
    text: str
    at: str
    done_at: str | None


class NoticesAnswer(BaseModel):
    """A page of notices."""

    notices: list[NoticeAnswer]
    next: str | None
