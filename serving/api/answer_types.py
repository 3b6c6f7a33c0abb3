"""The answers under /v1 as types: what the OpenAPI document shows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from serving.scoring.bodies import (
    Cell,
    ExplanationAnswer,
    ModelAnswer,
    ProblemAnswer,
    Rung,
    ScoreAnswer,
)

Standing = Literal["open", "won", "lost", "disqualified"]


class FindingAnswer(BaseModel):
    """One thing that is odd about a cell."""

    column: str
    kind: str
    found: str
    remedy: str


class DuplicateAnswer(BaseModel):
    """Another lead that is reached by the same address or number."""

    lead_id: str
    by: Literal["email", "phone"]


class KeptLeadAnswer(BaseModel):
    """What became of a lead that was put."""

    lead_id: str = Field(description="The lead's own id, where it was put under another of its ids, too.")
    state: Literal["created", "changed", "unchanged", "revived"]
    changed: list[str] = Field(description="The columns whose value is another now.")
    findings: list[FindingAnswer] = Field(description="What is odd about its addresses and numbers.")
    normalised: dict[str, str] = Field(description="The one spelling of addresses and numbers, by column.")
    duplicates: list[DuplicateAnswer] = Field(description="Other leads with the same address or number.")
    warnings: list[str]


class KeptLeadsAnswer(BaseModel):
    """What became of each lead, in order."""

    leads: list[KeptLeadAnswer | ProblemAnswer]


class CellAnswer(BaseModel):
    """A value of a column as text, for readers that want one type of all: 420, true, or a list as JSON."""

    column: str
    text: str | None = Field(description="Null is 'not known'.")


class StoredLeadAnswer(BaseModel):
    """A lead as it stands; what was never scored has null for its score."""

    lead_id: str
    aliases: list[str] = Field(description="Other ids by which it is or was called.")
    created_at: str | None
    arrived_at: str
    updated_at: str
    standing: Standing
    columns: dict[str, Cell] = Field(description="What stands now, under the company's own names, as sent.")
    cells: list[CellAnswer] = Field(description="The same as texts.")
    score: int | None
    probability: float | None = Field(description="Null on the points rung too.")
    grade: str | None
    rung: Rung | None = Field(description="What gave the score; null where there is none.")
    action: str | None
    scored_at: str | None


class DeletedLeadAnswer(BaseModel):
    """A lead that is not shown until it is put again."""

    lead_id: str
    state: Literal["deleted"]


class MergedLeadsAnswer(BaseModel):
    """One lead that others were merged into."""

    lead_id: str
    merged: list[str] = Field(description="The ids that lead to it now.")
    changed: list[str] = Field(description="The columns that it has from them.")


class KeptEventAnswer(BaseModel):
    """What became of an event: kept, kept before, or kept before with other content, which stays."""

    event_id: str | None
    state: Literal["kept", "repeated", "differs"]


class KeptEventsAnswer(BaseModel):
    """What became of each event, in order."""

    events: list[KeptEventAnswer | ProblemAnswer]
    warnings: list[str]


class KeptOutcomeAnswer(BaseModel):
    """What became of an outcome; 'nothing' where there was none to reverse."""

    outcome_id: str | None
    state: Literal["kept", "corrected", "reversed", "repeated", "nothing"]
    standing: Standing = Field(description="How the lead stands, all that was sent taken together.")


class KeptOutcomesAnswer(BaseModel):
    """What became of each outcome, in order."""

    outcomes: list[KeptOutcomeAnswer | ProblemAnswer]
    warnings: list[str]


class ServedModelAnswer(BaseModel):
    """The champion, and what it understands."""

    name: str
    version: int | None
    since: str | None = Field(description="When this server's copy of it was put in place.")
    horizon_days: float | None
    base_rate: float | None = Field(description="Null on the points rung.")
    rung: Rung
    columns: list[ColumnAnswer]
    event_types: list[str]


class ColumnAnswer(BaseModel):
    """A column that the model reads."""

    name: str
    kind: str


class ConditionAnswer(BaseModel):
    """How one part is, as one process sees it."""

    part: Literal["champion", "registry", "store", "keys", "disk", "worker", "shadow"]
    level: Literal["ok", "degraded", "failed"]
    said: str = Field(description="What is wrong and what to do; empty where all is well.")
    since: str = Field(description="When the part came to this level.")
    program: str


class ShadowAnswer(BaseModel):
    """How the challenger's scores lie to the champion's, in points; challenger - champion."""

    champion: int | None
    challenger: int | None
    count: int = Field(description="Requests that both have scored.")
    unscored: int = Field(description="Requests that the challenger could not score.")
    mean_difference: float | None
    difference_quantiles: list[int] | None = Field(description="At 5, 25, 50, 75 and 95 percent.")
    crossing_share: float | None = Field(
        description="Share that stands on the other side of the policy's threshold with the challenger."
    )
    since: str


class HealthAnswer(BaseModel):
    """How the service is: its parts, what it stands on, and what waits."""

    status: Literal["ok", "degraded", "failed"] = Field(description="The worst level of all conditions.")
    conditions: list[ConditionAnswer] = Field(
        description="What each process of the home said of its parts in the last minute, the worst first."
    )
    store: StoreHealthAnswer
    champion: ModelAnswer | None
    shadow: ShadowAnswer | None = Field(description="Null where no challenger scored in shadow.")
    stale_leads: int | None = Field(description="Leads whose score is to be made again.")
    oldest_stale_seconds: float | None = Field(description="How long the first of them has waited.")
    unsealed_records: int | None
    newest_record_at: str | None
    workers: int | None = Field(description="Workers that were there in the last 30 seconds.")
    worker_seen_seconds: float | None = Field(
        description="How long ago a worker last said that it is there; null where none ever did."
    )


class StoreHealthAnswer(BaseModel):
    """The store: SQLite or PostgreSQL, and whether it answers."""

    kind: Literal["sqlite", "postgresql"]
    reachable: bool


class ErasedAnswer(BaseModel):
    """What went of a person who was erased."""

    leads: int
    payloads: int
    jobs: int
    is_gone_from_home: bool = Field(
        description="Whether the home's files were looked through once more after the rows were gone."
    )
    is_gone_from_files: bool = Field(description="Whether the bytes are gone from SQLite's files, too.")


class ActAnswer(BaseModel):
    """An administrative act."""

    number: int
    at: str
    actor: str
    act: str
    about: dict[str, Any]


class ActsAnswer(BaseModel):
    """Acts, the newest first."""

    acts: list[ActAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class LeadsAnswer(BaseModel):
    """Leads, in the order that was asked for."""

    leads: list[StoredLeadAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class LeadExplanationAnswer(ExplanationAnswer):
    """The explanation of a lead's score."""

    lead_id: str
    as_of: str
    score: int
    rung: Rung
    model: ModelAnswer


class RecordAnswer(BaseModel):
    """A score as it was given, with all its reasons."""

    record_id: str
    recorded_at: str
    answer: ScoreAnswer


class RecordsAnswer(BaseModel):
    """The recorded scores of a lead, the newest first."""

    lead_id: str
    records: list[RecordAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class ChangeAnswer(BaseModel):
    """A value that a column took; null is 'not known'."""

    column: str
    changed_at: str
    value: Cell
    text: str | None = Field(description="The value as text.")
    merged_lead_id: str | None = Field(
        description="Of which lead, where that was merged into this one since."
    )


class HistoryAnswer(BaseModel):
    """The values that a lead's columns took, the newest first."""

    lead_id: str
    changes: list[ChangeAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class ToldScoreAnswer(BaseModel):
    """A recorded score, shortly; `reasons` are the texts of the largest."""

    record_id: str
    as_of: str
    score: int
    probability: float | None
    grade: str
    rung: Rung
    action: str
    model: ModelAnswer
    reasons: list[str]


class ToldOutcomeAnswer(BaseModel):
    """An outcome; `ended_at` says since when it no longer stands."""

    outcome: str
    outcome_id: str | None
    value: float | None
    known_at: str
    ended_at: str | None


class ToldEventAnswer(BaseModel):
    """An event: an act of the lead, or a touch."""

    type: str
    event_id: str | None
    value: float | None
    properties: dict[str, Any] | None
    known_at: str


class HappeningAnswer(BaseModel):
    """Something that happened to a lead; the member of its kind says what."""

    at: str
    kind: Literal["score", "merge", "outcome", "event", "change"]
    merged_lead_id: str | None = Field(description="The lead that was merged into this one: now, or since.")
    score: ToldScoreAnswer | None = None
    outcome: ToldOutcomeAnswer | None = None
    event: ToldEventAnswer | None = None
    columns: dict[str, Cell] | None = Field(default=None, description="What columns became.")
    cells: list[CellAnswer] | None = Field(default=None, description="The same as texts.")


class TimelineAnswer(BaseModel):
    """What happened to a lead, the newest first."""

    lead_id: str
    happenings: list[HappeningAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")


class ScoreJobAnswer(BaseModel):
    """A file to be scored: `done` of `total` leads; null is not known yet."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    made_at: str
    as_of: str | None
    path: str | None = Field(description="The file on the server; null where it was sent.")
    events: str | None = Field(description="The file of its events on the server, if any.")
    result: Literal["csv", "parquet"]
    total: int | None
    done: int
    rejected: int | None = Field(description="Rows that could not be read.")
    cancel_asked: bool
    finished_at: str | None
    problem: ProblemAnswer | None = Field(description="Why it failed.")


class ScoreJobsAnswer(BaseModel):
    """Jobs, the newest first."""

    jobs: list[ScoreJobAnswer]
    next: str | None = Field(description="Send it as ?cursor= for the next page; null at the end.")
