"""An explanation of a score as a whole: a line, a paragraph for a handoff, its parts, and what is not known.

It says what moved the score, in the direction and by the amount that the reasons state. It claims no cause:
a lead with other properties would have had another score, which does not say that changing one would win it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from models.reasons.handoff import Known, handoff
from models.reasons.parts import Parts, parts_of
from models.reasons.summary import summary
from models.reasons.unknown import not_known

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.score import Score


class Explaining(Protocol):
    """What an explanation needs of a scorer."""

    @property
    def spec(self) -> FeatureSpec:
        """What the scorer reads."""
        ...

    @property
    def mapping(self) -> Mapping:
        """The tables that it was learned from."""
        ...

    @property
    def words(self) -> Phrasebook:
        """The words in which it speaks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a score is what it is, for people.

    `summary`: one line, the strongest for and against. `handoff`: a paragraph for who takes the lead over.
    `parts`: the log-odds by family. `fit_score`, `engagement_score` 0-99: the ranks of two of them.
    `not_known`: the names of the columns of which nothing is known.
    """

    summary: str
    handoff: str
    parts: Parts
    fit_score: int
    engagement_score: int | None
    not_known: tuple[str, ...]


def explain(score: Score, scorer: Explaining) -> Explanation:
    """Return the explanation of a score that was told with all its reasons."""
    unknown = not_known(score, scorer.spec, scorer.words)
    has_fit = bool(len(scorer.spec.only("fit")))
    known = Known(is_dated=scorer.mapping.is_dated, has_fit=has_fit, missing=unknown)
    return Explanation(
        summary=summary(score, scorer.words, has_fit=has_fit),
        handoff=handoff(score, known, scorer.words),
        parts=parts_of(score, scorer.spec),
        fit_score=score.fit_score,
        engagement_score=score.engagement_score,
        not_known=unknown,
    )
