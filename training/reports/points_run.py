"""A scorecard, recorded as a run and registered as a version like any other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.artifact import save_scorer
from models.card_text import card_text

if TYPE_CHECKING:
    from models.points_scorer import PointsScorer
    from models.registry import Registered, Registry


def record_points(scorer: PointsScorer, registry: Registry, *, leads: int) -> Registered:
    """Save the scorecard and register it as challenger. It has no evidence, for it foretells nothing.

    `leads`: of how many leads its features were learned.
    """
    card = scorer.card
    unmatched = [str(rule) for rule in card.unmatched]
    about = {"scorecard": {"origin": card.card.origin, "unmatched": unmatched, "leads": leads}}
    with TemporaryDirectory() as folder:
        artifact = Path(folder) / "artifact"
        save_scorer(scorer, artifact, about=about)
        return registry.record(
            artifact,
            parameters={
                "rung": scorer.rung,
                "threshold": card.card.threshold,
                "rules": len(card.rules),
                "rules_unmatched": len(unmatched),
                "leads": leads,
                "features": len(scorer.spec.features),
            },
            figures={},
            texts={
                "scorecard.toml": card_text(card.card, scorer.spec),
                "features.json": scorer.spec.to_json(),
                "mapping.json": scorer.mapping.frozen(),
            },
            feature_names=scorer.spec.names,
            tags={"rung": scorer.rung},
        )
