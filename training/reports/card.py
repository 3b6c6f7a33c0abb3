"""The model card: what a version was trained on, what was found, and what a careful reader must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.durations import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.auditing.audit import Audit, AuditedColumn
    from training.train import Trained


def model_card(trained: Trained, audit: Audit | None, kept: tuple[str, ...] = ()) -> str:
    """Return the card as Markdown. `kept`: leaks that were learned from because somebody asked for it."""
    parts = [_about(trained), _evidence(trained)]
    if audit is not None:
        parts.append(_audited(audit, kept))
    parts.append(_columns(trained))
    return "\n".join(line for part in parts for line in part)


def _about(trained: Trained) -> Iterator[str]:
    scorer, examples = trained.scorer, trained.examples
    horizon = scorer.mapping.training.horizon
    yield f"# {scorer.name}"
    yield ""
    yield "## What it was trained on"
    yield ""
    yield f"- {len(examples.history):,} leads, {scorer.population.conversions:,} of which convert"
    yield f"- {len(examples.learned):,} examples; a census of {len(examples.census):,} rows to calibrate on"
    if scorer.mapping.is_dated and horizon is not None:
        yield f"- it says who converts within {spelled(horizon)}"
    else:
        yield "- flat data: one row an example, without dates and so without a horizon"
    yield f"- {scorer.population.base_rate:.1%} of the census convert; {len(scorer.spec.features)} features"
    yield ""


def _evidence(trained: Trained) -> Iterator[str]:
    evidence = trained.evidence
    yield "## Evidence"
    yield ""
    yield f"{evidence.how}:"
    yield f"{evidence.rows:,} rows of {evidence.leads:,} leads, {evidence.conversions:,} of which convert."
    yield ""
    yield "| measure | value [95 % interval] |"
    yield "|---|---|"
    figures = {
        "AUC": evidence.auc,
        "AUC without events": evidence.auc_without_events,
        "AUC without enrichment": evidence.auc_without_enrichment,
        "log loss": evidence.log_loss,
        "log loss of the base rate": evidence.rivals[0].measures["log_loss"],
        "calibration error": evidence.calibration_error,
    }
    for name, figure in figures.items():
        if figure is not None:
            yield f"| {name} | {figure} |"
    yield ""
    yield from _listed(evidence.notes)


def _audited(audit: Audit, kept: tuple[str, ...]) -> Iterator[str]:
    yield "## Columns that may know the answer"
    yield ""
    leaks = audit.named("leak")
    yield from _judged("Leaks, left out", [column for column in leaks if column.name not in kept])
    yield from _judged("Leaks, kept because somebody asked for it", [c for c in leaks if c.name in kept])
    yield from _judged("Suspects, kept", audit.named("suspect"))
    undated = [column.name for column in audit.columns if column.is_undated]
    yield f"Without a history (undated): {_names(undated)}."
    yield ""
    yield from _listed(audit.notes)


def _judged(title: str, columns: list[AuditedColumn] | tuple[AuditedColumn, ...]) -> Iterator[str]:
    yield f"{title}: {'none' if not columns else len(columns)}."
    yield ""
    for column in columns:
        lost = column.auc_lost_without
        weight = "" if lost is None else f" (AUC that a model has by it: {lost:+.3f})"
        yield f"- **{column.name}**{weight}: {'; '.join(column.evidence)}"
    if columns:
        yield ""


def _columns(trained: Trained) -> Iterator[str]:
    spec = trained.scorer.spec
    yield "## Columns"
    yield ""
    yield f"Used: {_names([column.name for column in spec.columns])}."
    yield ""
    yield f"Excluded by the mapping or the audit: {_names(list(trained.scorer.mapping.leads.exclude))}."
    yield ""
    yield from _listed(tuple(f"not used: {unused.name}: {unused.why}" for unused in spec.unused))


def _names(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _listed(sentences: tuple[str, ...]) -> Iterator[str]:
    yield from (f"- {sentence}" for sentence in sentences)
    if sentences:
        yield ""
