"""The bodies of requests under /v1 as types: what the OpenAPI document shows.

Requests are checked by the readers of fields beside this file, whose faults name each field; these types
document them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.scoring.bodies import Id, Lead, Moment, Name  # noqa: TC001 - pydantic reads the annotations

FilePath = Annotated[str, Field(min_length=1, max_length=1_000)]


class PutLeadBody(BaseModel):
    """One lead to keep. Columns that are not sent stay as they are; null clears one."""

    model_config = ConfigDict(extra="forbid")

    lead: Lead


class PutLeadsBody(BaseModel):
    """Leads to keep, each as for one."""

    model_config = ConfigDict(extra="forbid")

    leads: list[PutLeadBody]


class Event(BaseModel):
    """Something that a lead did, or that was done with it. It is known since it arrived."""

    model_config = ConfigDict(extra="allow")

    lead_id: Id = Field(description="Whose event it is. An id that is not known yet is announced.")
    type: Name = Field(description="The type, which is kept as it is sent.")
    occurred_at: Moment = Field(description="When it happened; not in the future.")
    event_id: Id | None = Field(default=None, description="Unique in the whole store: kept once.")
    value: float | None = Field(default=None, description="An amount.")
    properties: dict[str, Any] | None = Field(default=None, description="Such as page or form.")


class EventsBody(BaseModel):
    """Events to keep, up to 1,000."""

    model_config = ConfigDict(extra="forbid")

    events: list[Event]


class Outcome(BaseModel):
    """How a lead ended."""

    model_config = ConfigDict(extra="allow")

    lead_id: Id = Field(description="Whose outcome it is.")
    outcome: Literal["won", "lost", "disqualified", "reversed"]
    occurred_at: Moment = Field(description="When; not in the future.")
    outcome_id: Id | None = Field(default=None, description="The same id again corrects.")
    value: float | None = Field(default=None, description="An amount.")


class OutcomesBody(BaseModel):
    """Outcomes to keep, up to 1,000."""

    model_config = ConfigDict(extra="forbid")

    outcomes: list[Outcome]


class MergeBody(BaseModel):
    """Leads that are the same person as the one in the path."""

    model_config = ConfigDict(extra="forbid")

    lead_ids: list[Id] = Field(min_length=1, max_length=100)


class ScoreJobBody(BaseModel):
    """A file on the server to be scored."""

    model_config = ConfigDict(extra="forbid")

    path: FilePath = Field(description="A CSV or Parquet file in the folder that the server allows.")
    events: FilePath | None = Field(default=None, description="A file of the leads' events.")
    as_of: Moment | None = Field(default=None, description="Default: the newest time in the files.")
    result: Literal["csv", "parquet"] | None = Field(default=None, description="Default: csv.")
