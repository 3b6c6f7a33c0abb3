"""From an explanation to the JSON that a caller receives."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from models.reasons.explanation import explain

if TYPE_CHECKING:
    from models.reasons.explanation import Explaining
    from models.score import Score


def explanation_document(score: Score, scorer: Explaining) -> dict[str, Any]:
    """Return the explanation of a score that was told with all its reasons, as members of an answer."""
    explained = explain(score, scorer)
    return {
        "summary": explained.summary,
        "handoff": explained.handoff,
        "log_odds": asdict(explained.parts),
        "fit_score": explained.fit_score,
        "engagement_score": explained.engagement_score,
        "not_known": list(explained.not_known),
    }
