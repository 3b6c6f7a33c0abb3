"""What is sent and answered about reps, as types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.scoring.bodies import Moment  # noqa: TC001 - pydantic reads the annotations

RepId = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Texts = Annotated[list[Text], Field(max_length=200)]
Status = Literal["active", "away", "left"]
Capacity = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Weight = Annotated[int, Field(strict=True, ge=1, le=100)]


class Membership(BaseModel):
    """That a rep is a member of a queue."""

    model_config = ConfigDict(extra="forbid")

    queue: Text
    weight: Weight = Field(default=1, description="Twice the weight, twice the leads.")


class WorkingDays(BaseModel):
    """The hours of some days of the week."""

    model_config = ConfigDict(extra="forbid")

    days: Text = Field(description="A day or days: mon, or mon-fri.")
    hours: Annotated[list[Text], Field(min_length=1, max_length=20)] = Field(
        description="Spans in order: 09:00-12:00, 13:00-17:00."
    )


class RepBody(BaseModel):
    """A sales rep. What is not sent is not known: it is not kept from before."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    status: Status = "active"
    queues: Annotated[list[Membership], Field(max_length=200)] = Field(
        default_factory=list, description="Of which queues the rep is a member."
    )
    zone: Text | None = Field(default=None, description="The time zone, such as Europe/Berlin. Default: UTC.")
    hours: Annotated[list[WorkingDays], Field(max_length=7)] | None = Field(
        default=None, description="When the rep works. Default: always."
    )
    holidays: Text | None = Field(default=None, description="Whose public holidays are free: DE, or DE-BY.")
    territories: Texts = Field(default_factory=list, description="Such as DE, US-CA, DE:80*. Default: any.")
    products: Texts = Field(default_factory=list, description="Default: any.")
    languages: Texts = Field(default_factory=list, description="Default: any.")
    industries: Texts = Field(default_factory=list, description="Default: any.")
    company_sizes: Texts = Field(default_factory=list, description="Segments of size. Default: any.")
    seniority: Text | None = None
    capacity_a_day: Capacity | None = Field(default=None, description="In the rep's own day.")
    capacity_open: Capacity | None = Field(default=None, description="Leads at once.")
    manager: Text | None = Field(default=None, description="To whom escalations go.")


class TimeOffBody(BaseModel):
    """A time in which a rep is not there."""

    model_config = ConfigDict(extra="forbid")

    from_: Moment = Field(alias="from", description="A day alone stands for its start, in the rep's zone.")
    to: Moment = Field(description="A day alone stands for its end.")
    note: Text | None = None


class StatusBody(BaseModel):
    """Whether a rep is there at all."""

    model_config = ConfigDict(extra="forbid")

    status: Status = Field(description="left: leads of the rep go to others.")


class TimeOffAnswer(BaseModel):
    """A time in which a rep is not there."""

    id: str
    from_: str = Field(alias="from")
    to: str = Field(description="The end, which is not included.")
    note: str | None


class RepAnswer(RepBody):
    """A sales rep, as it was sent, with the time off that is not over."""

    id: str
    time_off: list[TimeOffAnswer]
    updated_at: str
    open_now: int = Field(description="Leads that are with the rep.")
    given_today: int = Field(description="Leads that the rep was given since the own day began.")


class RepsAnswer(BaseModel):
    """All reps, by id."""

    reps: list[RepAnswer]
