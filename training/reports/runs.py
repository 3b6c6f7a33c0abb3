"""A training run, recorded: parameters, figures, reports and the artifact of the scorer."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.artifact import save_scorer
from training.reports.card import model_card

if TYPE_CHECKING:
    from models.registry import Registered, Registry
    from training.auditing.audit import Audit
    from training.fitting.recipe import Recipe
    from training.train import Trained


def record(
    trained: Trained,
    registry: Registry,
    recipe: Recipe,
    *,
    audit: Audit | None = None,
    kept: tuple[str, ...] = (),
) -> Registered:
    """Save the scorer and register it as challenger, with its evidence inside and beside it.

    `audit` of the columns goes into the run and, with the leaks that were `kept` all the same, into its card.
    """
    scorer, evidence = trained.scorer, trained.evidence
    figures = {
        **evidence.measures,
        **{
            f"{rival.name} {name}".replace(" ", "_"): f
            for rival in evidence.rivals
            for name, f in rival.measures.items()
        },
    }
    if evidence.auc_without_events is not None:
        figures["auc_without_events"] = evidence.auc_without_events
    if evidence.auc_without_enrichment is not None:
        figures["auc_without_enrichment"] = evidence.auc_without_enrichment
    with TemporaryDirectory() as folder:
        artifact = Path(folder) / "artifact"
        save_scorer(scorer, artifact, about={"evidence": evidence.to_dict(), "recipe": recipe.to_dict()})
        return registry.record(
            artifact,
            parameters={
                **asdict(recipe.boosting),
                "folds": recipe.folds,
                "leads": len(trained.examples.history),
                "examples": len(trained.examples.learned),
                "census": len(trained.examples.census),
                "conversions": scorer.population.conversions,
                "features": len(scorer.spec.features),
                **_verdicts(audit, kept),
            },
            figures={
                f"{name}{part}": value
                for name, figure in figures.items()
                for part, value in (("", figure.value), ("_low", figure.low), ("_high", figure.high))
            },
            texts={
                "features.json": scorer.spec.to_json(),
                "mapping.json": scorer.mapping.frozen(),
                "evidence.json": json.dumps(evidence.to_dict(), indent=1),
                "model_card.md": model_card(trained, audit, kept),
                **({} if audit is None else {"audit.json": audit.to_json()}),
            },
            feature_names=scorer.spec.names,
        )


def _verdicts(audit: Audit | None, kept: tuple[str, ...]) -> dict[str, str]:
    """Return what the audit found as parameters of the run ('none' where it found nothing)."""
    if audit is None:
        return {}
    named = {
        "audit_leaks": [column.name for column in audit.named("leak")],
        "audit_suspects": [column.name for column in audit.named("suspect")],
        "audit_kept": list(kept),
    }
    return {key: ", ".join(names) or "none" for key, names in named.items()}
