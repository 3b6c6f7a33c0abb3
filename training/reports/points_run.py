"""A scorecard, recorded as a run and registered as a version like any other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.artifact import save_scorer
from models.scorecard.card_text import card_text
from models.tracked import TrackedData, TrackedRun
from training.reports.card import card_of

if TYPE_CHECKING:
    from models.registry import Registered, Registry
    from models.scorecard.points_scorer import PointsScorer


def record_points(
    scorer: PointsScorer, registry: Registry, *, leads: int, sha256: str, command: str
) -> Registered:
    """Save the scorecard and register it as challenger. It has no evidence, for it foretells nothing.

    `leads`: of how many leads its features were learned; `sha256` of their vectors at the end of the data, in
    hexadecimal; `command`: as one would type it.
    """
    card = scorer.card
    about = {
        "origin": card.card.origin,
        "unmatched": [str(rule) for rule in card.unmatched],
        "leads": leads,
        "sha256": sha256,
        "command": command,
    }
    parameters = {
        "rung": scorer.rung,
        "threshold": card.card.threshold,
        "rules": len(card.rules),
        "rules_unmatched": len(card.unmatched),
        "leads": leads,
        "features": len(scorer.spec.features),
        "data_sha256": sha256,
        "command": command,
    }
    with TemporaryDirectory() as folder:
        artifact = Path(folder) / "artifact"
        save_scorer(scorer, artifact, about={"scorecard": about})
        texts = {
            "scorecard.toml": card_text(card.card, scorer.spec),
            "features.json": scorer.spec.to_json(),
            "mapping.json": scorer.mapping.frozen(),
            **card_of(artifact).files,
        }
        tracked = TrackedRun(
            parameters=parameters,
            figures={},
            texts=texts,
            inputs=(TrackedData(name="leads", sha256=sha256, source=command, profile={"leads": leads}),),
            tags={"rung": scorer.rung},
        )
        return registry.register(artifact, tracked, scorer.spec.names, output="score")
