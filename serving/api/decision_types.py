"""What is answered about decisions and policies, and what is sent of policies, as types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from decisions.policy.reading import LONGEST_POLICY

Action = Literal["route", "nurture", "out", "none"]
YesNo = Literal["yes", "no", "unknown"]
PolicyText = Annotated[str, Field(max_length=LONGEST_POLICY, pattern=r"^[^\x00]*$")]
Note = Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")]


class FiredAnswer(BaseModel):
    """A rule of the policy that fired, and what it says of this lead."""

    rule: str
    said: str


class DecisionAnswer(BaseModel):
    """What is done about a lead, and why."""

    action: Action
    stage: str | None
    substage: str | None
    kind: Literal["lead", "prospect", "customer"]
    team: str
    temperature: Literal["cold", "warm", "hot"]
    segments: dict[str, str]
    queue: str | None
    track: str | None
    priority: int | None = Field(description="1 is served first; null where nobody is to serve the lead.")
    rule: str = Field(description="The rule that settled the action.")
    why: str
    trace: list[FiredAnswer] = Field(description="All rules that fired, in the order of asking.")
    asks: list[str] = Field(description="What is to be found out or repaired.")
    closed: list[str] = Field(description="Channels that are not to be used.")
    category: str | None = Field(description="Why the lead is out.")
    look_again_at: str | None
    value: float | None = Field(description="In money; null without a probability.")
    over_threshold: bool
    hand_raised: bool
    qualified: bool
    bant: dict[str, str] = Field(description="budget, authority, need, timeline: yes, no or unknown.")


class DecidedAnswer(BaseModel):
    """A decision about a lead, made now."""

    lead_id: str
    decided_at: str
    policy_version: int | None = Field(description="Null where no policy was published.")
    decision: DecisionAnswer


class KeptDecisionAnswer(BaseModel):
    """A decision as it was kept: since when it was so."""

    id: str
    decided_at: str
    policy_version: int | None = Field(description="Null where no policy was published.")
    policy_sha256: str
    record_id: str | None = Field(description="The record of the score, where that was recorded with it.")
    decision: DecisionAnswer


class DecisionsAnswer(BaseModel):
    """Decisions about a lead, the newest first, each that differed from the one before."""

    lead_id: str
    decisions: list[KeptDecisionAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class StagePassedAnswer(BaseModel):
    """A stage that a lead is in, or was."""

    stage: str
    substage: str | None
    entered_at: str
    left_at: str | None = Field(description="Null: the lead is in it.")
    because: str
    by: str = Field(description="policy, or who said so.")


class BantAnswer(BaseModel):
    """How one of the four questions stands."""

    question: Literal["budget", "authority", "need", "timeline"]
    answer: YesNo
    source: Literal["rep", "columns"] | None = Field(description="Null: nobody knows.")
    author: str | None
    answered_at: str | None


class LeadStateAnswer(BaseModel):
    """How a lead stands by what is decided and said of it."""

    lead_id: str
    standing: Literal["open", "won", "lost", "disqualified"]
    owner: str | None = Field(description="The rep who has it.")
    qualified_at: str | None = Field(description="When it first was a prospect that is qualified.")
    looked_at: str | None = Field(description="The moment of the newest decision, differing or not.")
    value: float | None = Field(description="At that moment, in money.")
    stages: list[StagePassedAnswer] = Field(description="The newest first.")
    bant: list[BantAnswer]
    decision: KeptDecisionAnswer | None = Field(description="Null: none was made yet.")


class DraftBody(BaseModel):
    """A policy that is to be a draft."""

    model_config = ConfigDict(extra="forbid")

    text: PolicyText = Field(description="The whole file, in TOML.")
    note: Note | None = Field(default=None, description="What it is for.")


class PolicyListedAnswer(BaseModel):
    """A version of the policy."""

    version: int
    state: Literal["draft", "published"]
    is_in_force: bool
    source: Literal["file", "api"]
    author: str = Field(description="The id of a key, or service.")
    note: str | None
    sha256: str
    made_at: str
    published_at: str | None


class PolicyVersionAnswer(PolicyListedAnswer):
    """A version of the policy, with its text."""

    text: str


class PoliciesAnswer(BaseModel):
    """Versions of the policy, the newest first."""

    policies: list[PolicyListedAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class WithdrawnPolicyAnswer(BaseModel):
    """A draft that is no more."""

    version: int
    state: Literal["withdrawn"]


class PolicyInForceAnswer(BaseModel):
    """The policy that this server decides by."""

    version: int | None = Field(description="Null: the file, or the default; nothing was published.")
    sha256: str
    content: dict[str, Any] = Field(description="All of it, what is the default's too.")
