"""What gave a score, and how far it can be trusted, as the pages say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.score import BUILT_IN_VERSION

if TYPE_CHECKING:
    from models.score import Rung, Score

_RUNGS: dict[Rung, str] = {
    "points": "points scorecard",
    "blend": "blend of scorecard and a small model",
    "model": "model",
}


def rung_words(rung: Rung) -> str:
    """Return what a rung is.

    >>> rung_words("blend")
    'blend of scorecard and a small model'
    """
    return _RUNGS[rung]


def rung_sentence(score: Score) -> str:
    """Return by what a lead was scored, in a sentence."""
    if score.rung == "points" and score.model_version == BUILT_IN_VERSION:
        return "Scored by the points scorecard: there is no model yet."
    if score.rung == "points":
        return "Scored by the points scorecard: no model is champion."
    return f"Scored by a {rung_words(score.rung)}."


def confidence_words(score: Score) -> str:
    """Return the confidence of a score, and why it is so (see `models.score`)."""
    if score.rung == "points":
        return f"{score.confidence}: a scorecard is no model"
    return {
        "low": "low: less than half of what could be known of the lead is",
        "medium": "medium: learned from few conversions",
        "high": "high: learned from 200 conversions or more",
    }[score.confidence]
