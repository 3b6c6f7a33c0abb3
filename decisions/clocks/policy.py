"""What a policy says about clocks: its section `[clocks]`. default.toml shows all of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping  # noqa: TC003 - pydantic reads annotations at run time
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from features.durations import Duration

CountedIn = Literal["working", "wall"]
"""Which of the two figures counts: working time of the rep, or all time."""

_TIMES = ("acknowledge", "escalate_after", "reassign_after")


def _one_or_more(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_one_or_more)]
LongerThanNothing = Annotated[Duration, Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sla(_Section):
    """How soon sales answers leads of a kind, all counted from the assignment.

    `temperature`, `stage` and `segments` (by their name) say for which; where one is empty, for all.
    `acknowledge`, `first_contact` and `accept` are what a rep owes. A rep is reminded `warn_before` the
    acknowledgement is due; without one the manager is told at `escalate_after`, and at `reassign_after`
    another rep gets the lead: `hops` times, then it goes back to its queue. None: that is not asked for.
    """

    temperature: Names = ()
    stage: Names = ()
    segments: Mapping[str, Names] = Field(default_factory=dict)
    hours: CountedIn = "working"
    acknowledge: LongerThanNothing | None = None
    warn_before: LongerThanNothing | None = None
    escalate_after: LongerThanNothing | None = None
    reassign_after: LongerThanNothing | None = None
    hops: Annotated[int, Field(ge=0, le=20, strict=True)] = 2
    first_contact: LongerThanNothing | None = None
    accept: LongerThanNothing | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.warn_before is not None and (self.acknowledge or 0) <= self.warn_before:
            raise ValueError("expected warn_before to be shorter than acknowledge")
        stated = [name for name in _TIMES if getattr(self, name) is not None]
        for first, then in pairwise(stated):
            if getattr(self, then) < getattr(self, first):
                raise ValueError(f"expected {then} to be no shorter than {first}")
        return self

    @property
    def fits_all(self) -> bool:
        """Whether it holds for every lead."""
        return not (self.temperature or self.stage or self.segments)

    def fits(self, stage: str | None, temperature: str | None, segments: Mapping[str, str]) -> bool:
        """Return whether it holds for a lead."""
        return (
            (not self.temperature or temperature in self.temperature)
            and (not self.stage or stage in self.stage)
            and all(segments.get(name) in values for name, values in self.segments.items())
        )


class FollowUp(_Section):
    """What is due in a stage after the first contact, while nobody was reached.

    `attempts` are counted from the first contact, or from when the lead entered the stage after it. A rep is
    reminded `remind_before` each. At `end_after`, without end where that is None, the lead is taken out of
    the stage: into `end`.
    """

    hours: CountedIn = "working"
    attempts: Annotated[tuple[LongerThanNothing, ...], Field(max_length=50)] = ()
    remind_before: LongerThanNothing | None = None
    end_after: LongerThanNothing | None = None
    end: Literal["recycled"] = "recycled"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(then <= first for first, then in pairwise(self.attempts)):
            raise ValueError("expected each of attempts to be later than the one before it")
        if self.attempts and (self.remind_before or 0) >= self.attempts[0]:
            raise ValueError("expected remind_before to be shorter than the first of attempts")
        if self.attempts and self.end_after is not None and self.end_after <= self.attempts[-1]:
            raise ValueError("expected end_after to be later than the last of attempts")
        return self


@cache
def default_text() -> str:
    """Return the default section, as the text of a policy file."""
    return (files("decisions.clocks") / "default.toml").read_text("utf-8")


@cache
def _default() -> dict[str, Any]:
    section: dict[str, Any] = tomllib.loads(default_text())["clocks"]
    return section


class ClockRules(_Section):
    """The section `[clocks]`: `sla` by a name of the company's, in order, and `follow_up` by stage."""

    sla: Mapping[str, Sla] = Field(default_factory=lambda: _default()["sla"], validate_default=True)
    follow_up: Mapping[str, FollowUp] = Field(
        default_factory=lambda: _default()["follow_up"], validate_default=True
    )

    @model_validator(mode="after")
    def _each_is_reached(self) -> Self:
        names = list(self.sla)
        fit_all = [name for name in names if self.sla[name].fits_all]
        if names and not fit_all:
            raise ValueError("expected the last of sla to be for all: no temperature, stage or segments")
        if names and fit_all[0] != names[-1]:
            raise ValueError(f"expected sla.{fit_all[0]}, which is for all, to be the last one")
        return self

    def sla_for(
        self, stage: str | None, temperature: str | None, segments: Mapping[str, str]
    ) -> tuple[str, Sla] | None:
        """Return the first that holds for a lead, with its name; None where the policy states none."""
        fitting = ((name, one) for name, one in self.sla.items() if one.fits(stage, temperature, segments))
        return next(fitting, None)


DEFAULT_CLOCKS = ClockRules()
"""What holds where a policy says nothing of clocks."""
