"""What is sent and answered about assignments and queues, as types."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.api.rep_types import RepId, Text  # noqa: TC001 - pydantic reads the annotations

AssignmentState = Literal[
    "waiting", "offered", "accepted", "taken", "rejected", "reassigned", "returned", "released", "closed"
]


class AssignBody(BaseModel):
    """To whom a lead goes: without `rep` as the policy routes it, else by hand, which needs a reason."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId | None = Field(default=None, description="By hand: to this rep, whoever has it.")
    reason: Text | None = Field(default=None, description="Needed with `rep`.")
    by: Text | None = Field(default=None, description="Who says so. Needed with `rep`.")
    over_capacity: bool = Field(
        default=False, strict=True, description="By hand: also where the rep has no room."
    )


class ClaimBody(BaseModel):
    """Who claims a lead."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId


class AcceptBody(BaseModel):
    """Who accepts a lead."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId
    note: Text | None = None


class RejectBody(BaseModel):
    """Who rejects a lead, and why."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId
    reason: Text = Field(description="One of the reasons of the policy, which say what becomes of the lead.")
    note: Text | None = None


class ReleaseBody(BaseModel):
    """Who puts a lead back into its queue, and why."""

    model_config = ConfigDict(extra="forbid")

    rep: RepId
    reason: Text


class TraceAnswer(BaseModel):
    """One step of a routing: what it found, in words, and the reps that it left (null: not counted)."""

    step: str
    words: str
    left: list[str] | None


class AssignmentAnswer(BaseModel):
    """Who has or had a lead."""

    id: str
    rep: str | None = Field(description="Null while the lead waits in its queue.")
    queue: str
    state: AssignmentState
    hops: int = Field(description="How often it was taken from a rep before.")
    assigned_at: str
    acknowledged_at: str | None
    contacted_at: str | None
    accepted_at: str | None
    ended_at: str | None
    by: str = Field(description="'policy', or who said so.")
    reason: str | None = Field(description="Why it began, where somebody said so.")
    ended_because: str | None
    trace: list[TraceAnswer]


class AssignedAnswer(BaseModel):
    """What became of a lead. `state`: unchanged where it was so before."""

    lead_id: str
    state: Literal["changed", "unchanged"]
    assignment: AssignmentAnswer


class AssignmentsAnswer(BaseModel):
    """Who has and had a lead, the newest first, at most 200."""

    lead_id: str
    assignments: list[AssignmentAnswer]


class ShareAnswer(BaseModel):
    """What a rep was given in a pool since it changed last, and the deficit to the weight, in leads."""

    rep: str
    weight: int
    given: int
    deficit: float = Field(description="Below 1 in size; above 0: more is due.")


class PoolAnswer(BaseModel):
    """Reps among whom leads of one kind are shared by turns."""

    leads: int = Field(description="Given since those who can take them, or their weights, changed.")
    shares: list[ShareAnswer]


class MemberAnswer(BaseModel):
    """A member of a queue."""

    rep: str
    name: str
    status: Literal["active", "away", "left"]
    weight: int
    carried: float = Field(
        description="The deficit over all pools and queues, in leads; above 0: more is due."
    )


class QueueAnswer(BaseModel):
    """A queue of the policy, as it stands."""

    name: str
    choose: Literal["weighted_round_robin", "least_loaded", "fastest", "best_fit"]
    claim: bool
    waiting: int
    oldest_at: str | None
    members: list[MemberAnswer]
    pools: list[PoolAnswer] = Field(description="The 20 that had a lead last.")


class QueuesAnswer(BaseModel):
    """The queues of the policy, by name."""

    queues: list[QueueAnswer]


class WaitingLeadAnswer(BaseModel):
    """A lead that waits in a queue."""

    lead_id: str
    assignment: str
    since: str
    score: int | None
    grade: str | None
    temperature: str | None
    hops: int


class WaitingLeadsAnswer(BaseModel):
    """The leads that wait in a queue, those that are served first before others."""

    queue: str
    leads: list[WaitingLeadAnswer]
