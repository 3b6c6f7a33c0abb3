"""The model card of a version, made from its artifact's folder alone: the same folder, the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.artifact import load_scorer, read_about
from models.errors import ArtifactError
from models.scorecard.points_scorer import PointsScorer
from training.about import about_from
from training.explaining.told import told_reasons
from training.reports import card_calibration, card_data, card_evidence, card_explanations, card_slices
from training.reports.card_points import points_report
from training.reports.card_words import figure_said, share_said
from training.reports.content import Facts, Report, Section
from training.reports.markdown import markdown_of
from training.reports.page import page_of
from training.reports.plots import plots_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.scorer import LeadScorer
    from training.about import About


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as Markdown, as a page that needs nothing else, and its `plots` as SVG by name."""

    markdown: str
    html: str
    plots: dict[str, str]

    @property
    def files(self) -> dict[str, str]:
        """The card and its plots as files of a run, by name."""
        plots = {f"plots/{name}.svg": svg for name, svg in self.plots.items()}
        return {"model_card.md": self.markdown, "model_card.html": self.html, **plots}


def card_of(folder: Path, *, version: int | None = None) -> Card:
    """Render the card of the artifact in a folder. `version`: its number in the registry, where it has one.

    Raises ArtifactError where the artifact is broken, or was written before versions kept what a card needs.
    """
    scorer, kept = load_scorer(folder, version=version), read_about(folder)
    if isinstance(scorer, PointsScorer):
        report = points_report(scorer, kept)
    else:
        report = _report(scorer, _read(folder, kept))
    return Card(
        markdown=markdown_of(report),
        html=page_of(report),
        plots={drawing.name: drawing.svg for drawing in report.drawings},
    )


def _read(folder: Path, kept: dict[str, Any]) -> About:
    try:
        return about_from(kept)
    except ValueError as problem:
        raise ArtifactError(
            f"{folder.name}: the version keeps no such evidence as a card is made of; it was trained by "
            "another version of LeadLens"
        ) from problem


def _report(scorer: LeadScorer, about: About) -> Report:
    evidence, plots = about.evidence, plots_of(about.evidence)
    sections: tuple[Section | None, ...] = (
        card_evidence.promotable(about),
        card_data.purpose(scorer, about),
        card_evidence.against_rivals(evidence, plots),
        card_calibration.calibration(about, plots),
        card_evidence.ranking(evidence, plots),
        card_evidence.bands(evidence, plots),
        card_slices.slices(evidence, plots),
        *_explanations(scorer, about),
        card_evidence.signal(evidence),
        card_data.data_used(scorer, about),
        card_data.features_used(scorer),
        card_data.leakage(about),
        card_data.reproducing(scorer, about),
    )
    number = "" if scorer.version is None else f", version {scorer.version}"
    return Report(
        kicker="Model card",
        title=f"{scorer.name}{number}",
        said=f"It says of each open lead {card_data.chance_of(scorer)}.",
        verdict=card_evidence.verdict(about),
        is_good=card_evidence.is_promotable(about),
        facts=Facts(tuple(_in_short(scorer, about))),
        sections=tuple(section for section in sections if section is not None),
    )


def _explanations(scorer: LeadScorer, about: About) -> tuple[Section | None, ...]:
    """Return what is told of all scores; nothing of a version that was trained before versions kept it."""
    found = about.explanations
    if found is None:
        return ()
    try:
        reasons = told_reasons(found, scorer.spec, scorer.words)
    except ValueError as problem:
        raise ArtifactError(f"the version cannot be explained: {problem}") from problem
    return (
        card_explanations.moving(found, reasons),
        card_explanations.by_value(reasons),
        card_explanations.steadiness(found, reasons),
    )


def _rung(scorer: LeadScorer) -> str:
    if scorer.blend is None:
        return scorer.rung
    return f"{scorer.rung} ({scorer.blend.weight:.0%} model, the rest points scorecard)"


def _in_short(scorer: LeadScorer, about: About) -> Iterator[tuple[str, str]]:
    evidence = about.evidence
    yield "rung", _rung(scorer)
    yield "AUC", figure_said("roc_auc", evidence.auc)
    yield "log loss", figure_said("log_loss", evidence.log_loss)
    yield "base rate", share_said(scorer.base_rate)
    yield "conversions learned from", f"{about.data.conversions:,}"
    if evidence.first and evidence.last:
        yield "tested on", f"{evidence.first[:10]} to {evidence.last[:10]}"
    if evidence.learned_until:
        yield "its twin learned until", evidence.learned_until[:10]
    if about.made_from is not None:
        yield "recalibrated from", f"version {about.made_from}"
