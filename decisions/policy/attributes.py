"""What a policy calls the columns of a lead, and how it counts events: `[attributes]` and `[history]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from decisions.policy.section import Section
from features.durations import Duration  # noqa: TC001 - pydantic reads the annotations
from features.summaries import Summary
from features.summaries.summary import Gives, Side  # noqa: TC001 - pydantic reads the annotations

Kind = Literal[
    "text", "words", "has_word", "number", "yes_no", "given", "country", "region", "email_domain",
    "email_kind", "seniority", "function",
]  # fmt: skip
"""What is made of a cell. `text`: without capitals, '' where it is not known; `words`: the list of its words,
without capitals and accents; `has_word`: whether one of `words` is among them; `number`: null where it is not
known; `yes_no`: yes, no or unknown; `given`: whether anything stands there. `country` is two small letters,
`region` that of the United Nations; of an e-mail address only its domain is seen, or the kind of that."""

ROUTED_BY = (
    "country", "state", "postcode", "product", "language", "industry", "seniority", "company", "email_domain",
    "crm_owner",
)  # fmt: skip
"""The attributes by which reps are found, where the policy has them."""


class Attribute(Section):
    """A name for what one of several columns holds: the first of which a cell is there."""

    kind: Kind = "text"
    columns: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)
    words: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    @model_validator(mode="after")
    def _words_where_they_count(self) -> Attribute:
        if bool(self.words) != (self.kind == "has_word"):
            raise ValueError("expected words beside the kind has_word, and beside no other")
        return self


class HistorySummary(Section):
    """A number about the events of a lead: see `features.summaries`."""

    events: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    of: Side = "lead"
    within: Duration | None = None
    gives: Gives = "count"

    @property
    def summary(self) -> Summary:
        """What is counted."""
        return Summary(keys=frozenset(self.events), by=self.of, within_us=self.within, gives=self.gives)


def _an_answer(word: str) -> str:
    return word.strip().casefold()


Word = Annotated[str, AfterValidator(_an_answer)]

Question = Literal["budget", "authority", "need", "timeline"]
QUESTIONS: tuple[Question, ...] = ("budget", "authority", "need", "timeline")


class BantColumns(Section):
    """The columns that answer one of the four questions. Words beside yes and no that mean either."""

    columns: tuple[str, ...] = ()
    yes: tuple[Word, ...] = ()
    no: tuple[Word, ...] = ()
