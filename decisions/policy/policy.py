"""The policy: one file that says who goes to sales, who is nurtured, who is out, and by which rules."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from decisions.clocks.policy import ClockRules
from decisions.policy.attributes import (  # noqa: TC001 - pydantic reads the annotations
    Attribute,
    BantColumns,
    HistorySummary,
    Question,
)
from decisions.policy.checking import check_names
from decisions.policy.defaults import default_of
from decisions.policy.handoff import DEFAULT_THRESHOLDS, Handoff, Threshold, Thresholds
from decisions.policy.rules import (
    Channel,
    Contact,
    Disqualifier,
    FeedbackRules,
    Qualification,
    Required,
    Route,
    Rule,
    Segmentation,
    Stage,
    StageRules,
    TemperatureRules,
    Track,
)
from decisions.policy.section import Section
from decisions.routing.policy import Routing
from features.summaries import MOST_SUMMARIES

if TYPE_CHECKING:
    from models.score import Rung

Lowered = Annotated[str, AfterValidator(str.casefold)]
"""A text as those of a lead are: without capitals."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,60}$")]


class Policy(Section):
    """All sections of a policy. What is not given is that of the default policy.

    `score_threshold` holds on every rung for which `score_threshold_by_rung` states none; where neither says
    one, DEFAULT_THRESHOLDS do.
    """

    name: str = "default"
    score_threshold: Threshold | None = None
    score_threshold_by_rung: Thresholds = Thresholds()
    attributes: dict[Name, Attribute] = Field(default_factory=default_of("attributes"), validate_default=True)
    history: dict[Name, HistorySummary] = Field(
        default_factory=default_of("history"), validate_default=True, max_length=MOST_SUMMARIES
    )
    lists: dict[Name, tuple[Lowered, ...]] = Field(default_factory=default_of("lists"), validate_default=True)
    numbers: dict[Name, FiniteFloat] = Field(default_factory=default_of("numbers"), validate_default=True)
    handoff: Handoff = Field(default_factory=default_of("handoff"), validate_default=True)
    qualification: Qualification = Qualification()
    bant: dict[Question, BantColumns] = Field(default_factory=default_of("bant"), validate_default=True)
    required: Required = Required()
    disqualifiers: dict[Name, Disqualifier] = Field(
        default_factory=default_of("disqualifiers"), validate_default=True
    )
    contact: Contact = Field(default_factory=default_of("contact"), validate_default=True)
    channels: dict[Name, Channel] = Field(default_factory=default_of("channels"), validate_default=True)
    signals: dict[Name, Rule] = Field(default_factory=default_of("signals"), validate_default=True)
    temperature: TemperatureRules = Field(default_factory=default_of("temperature"), validate_default=True)
    segments: dict[Name, Segmentation] = Field(default_factory=default_of("segments"), validate_default=True)
    stages: dict[Stage, StageRules] = Field(default_factory=default_of("stages"), validate_default=True)
    routes: dict[Name, Route] = Field(default_factory=default_of("routes"), validate_default=True)
    tracks: dict[Name, Track] = Field(default_factory=default_of("tracks"), validate_default=True)
    feedback: FeedbackRules = Field(default_factory=default_of("feedback"), validate_default=True)
    clocks: ClockRules = ClockRules()
    routing: Routing = Routing()

    @model_validator(mode="after")
    def _names_are_known(self) -> Policy:
        check_names(self)
        return self

    def __hash__(self) -> int:
        """Return a hash of the content."""
        return hash(self.sha256)

    def threshold(self, rung: Rung) -> int:
        """Return the score threshold of a rung, 0 to 99."""
        stated = (
            getattr(self.score_threshold_by_rung, rung),
            self.score_threshold,
            getattr(DEFAULT_THRESHOLDS, rung),
        )
        return next(number for number in stated if number is not None)

    @cached_property
    def content(self) -> dict[str, Any]:
        """What the policy says, by which it can be read again: all of it, stated or not.

        So a record keeps its advice, whatever a later version takes for the default.
        """
        said = self.model_dump(mode="json", exclude={"score_threshold"})
        thresholds = {rung: self.threshold(rung) for rung in ("points", "blend", "model")}
        return said | {"score_threshold_by_rung": thresholds}

    @cached_property
    def sha256(self) -> str:
        """The digest of the policy's content, by which records name it. Comments do not count."""
        return policy_digest(self.content)


def policy_digest(content: Any) -> str:
    """Return the digest by which records name a policy: SHA-256 of its content as JSON without spaces.

    It holds for content of any version, also where this one would not read it.
    """
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
