"""The rules of a policy: what is asked of a lead, in conditions, and what each answer means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from decisions.conditions import Condition  # noqa: TC001 - pydantic reads the annotations
from decisions.policy.section import Section
from features.durations import Duration  # noqa: TC001 - pydantic reads the annotations

Words = Annotated[str, Field(min_length=1, max_length=200)]
Stage = Literal["IQL", "MQL", "PQL", "SQL", "opportunity", "customer", "recycled", "disqualified"]
LADDER: tuple[Stage, ...] = ("IQL", "MQL", "PQL", "SQL", "opportunity", "customer")
"""The stages in their order; beside them a lead is recycled or disqualified."""

SUBSTAGES: dict[str, tuple[str, ...]] = {"SQL": ("offered", "accepted")}
"""The parts of stages that are not for a policy to name."""

Team = Literal["marketing", "sales", "product", "customer success"]
Action = Literal["route", "nurture", "out", "none"]


class Rule(Section):
    """Something that holds of a lead or does not. `off`: it is not asked at all."""

    when: Condition
    words: Words
    off: bool = False


class Disqualifier(Rule):
    """Rules a lead out, unless it raised its hand. `look_again`: after so long it is asked anew."""

    category: Words
    look_again: Duration | None = None


class Contact(Section):
    """When all contact ends."""

    ended_when: Condition
    words: Words


class Channel(Section):
    """When one way of contact is closed, and what is to be repaired before it is used."""

    closed_when: Condition | None = None
    words: Words = "the channel is closed"
    repair_when: Condition | None = None
    repair: Words = "Ask for another address."


class Segmentation(Section):
    """One way to part leads: by an attribute as it is, or by the first case that holds."""

    by: str | None = None
    cases: dict[str, Condition] = Field(default_factory=dict)
    off: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Segmentation:
        if bool(self.by) == bool(self.cases) and not self.off:
            raise ValueError("expected 'by' or 'cases', one of the two")
        return self


class TemperatureRules(Section):
    """Cold without acts; hot by a condition; else warm, for as long as the last act is not too long ago.

    Warmth is 0.5 ^ (days since the last act / half-life); below `cold_below` a lead is cold.
    """

    hot_when: Condition
    hot: Words
    half_life: Duration
    cold_below: Annotated[float, Field(gt=0, lt=1)]


class StageRules(Section):
    """How a stage is entered and left, who owns it, and what is done with a lead in it."""

    enter: Condition | None = None
    leave: Condition | None = None
    team: Team
    action: Action
    words: Words
    substages: tuple[Words, ...] = ()
    off: bool = False


class Route(Section):
    """To which queue a lead is routed; the first route that holds."""

    when: Condition
    queue: Words
    words: Words | None = None
    off: bool = False


class Track(Rule):
    """Along which track a lead is nurtured; the first that holds."""


class Answer(Section):
    """What follows where sales returns a lead for a reason."""

    then: Literal["recycle", "disqualify"]
    look_again: Duration | None = None


class FeedbackRules(Section):
    """The reasons for which sales may return a lead."""

    reasons: dict[str, Answer] = Field(min_length=1)


class Qualification(Section):
    """A lead that fits is a prospect once so many of the four answers are known and met."""

    answers: Annotated[int, Field(ge=0, le=4)] = 3


class Required(Section):
    """Attributes that sales has to know before a lead is handed over."""

    fields: tuple[str, ...] = ()
