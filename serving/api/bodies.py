"""The bodies of requests under /v1 as types: what the OpenAPI document shows.

Requests are checked by the readers of fields beside this file, whose faults name each field; these types
document them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.bodies import Cell  # noqa: TC001 - pydantic reads the annotations
from serving.values import ID_LIMIT, NAME_LIMIT

_NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"

Id = Annotated[str, Field(min_length=1, max_length=ID_LIMIT, pattern=_NOT_BLANK)]
"""An id: text that is not blank, without NUL characters."""

FilePath = Annotated[str, Field(min_length=1, max_length=1_000, pattern=_NOT_BLANK)]

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Lead(BaseModel):
    """A lead: its id, when it was created, and columns under the company's own names.

    Columns that are not sent stay as they are; null clears one.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Cell] = Field(init=False)

    lead_id: Id | None = Field(default=None, description="The id; it need not repeat the one in the path.")
    created_at: Moment | None = Field(
        default=None, description="When the lead was created. Default: when it first arrives."
    )


class PutLeadBody(BaseModel):
    """One lead to keep."""

    model_config = ConfigDict(extra="forbid")

    lead: Lead


class PutLeadsBody(BaseModel):
    """Leads to keep, each as for one."""

    model_config = ConfigDict(extra="forbid")

    leads: list[PutLeadBody]


class Event(BaseModel):
    """Something that a lead did, or that was done with it."""

    model_config = ConfigDict(extra="allow")

    lead_id: Id = Field(description="Whose event it is. An id that is not known yet is announced.")
    type: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT, pattern=_NOT_BLANK)]
    occurred_at: Moment = Field(description="When it happened; not in the future.")
    event_id: Id | None = Field(default=None, description="An event is kept once for each id.")
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
