"""Evidence as lines of text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.scorer import LeadScorer
    from training.evidence.evidence import Evidence

MUCH_BY_AGE = 0.4
"""Where the age of the leads brings more of the gain, the figures say more of time than of leads."""


def evidence_lines(evidence: Evidence) -> Iterator[str]:
    """Say what was measured, on what, and against which baseline."""
    yield f"Evidence: {evidence.how}."
    yield f"  {evidence.rows:,} rows of {evidence.leads:,} leads, {evidence.conversions:,} of which convert"
    figures = {
        "AUC": evidence.auc,
        "AUC without events": evidence.auc_without_events,
        "AUC without enrichment": evidence.auc_without_enrichment,
        "log loss": evidence.log_loss,
        "… of the base rate": evidence.rivals[0].measures["log_loss"],
        "calibration error": evidence.calibration_error,
    }
    known = {name: figure for name, figure in figures.items() if figure is not None}
    width = max(map(len, known))
    for name, figure in known.items():
        yield f"  {name:{width}} {figure}"
    yield "  (in brackets: 95 % intervals, by resampling leads)"
    for note in evidence.notes:
        yield f"  note: {note}"
    if not evidence.shows_signal:
        yield "  The data show no signal: the interval of the AUC reaches down to chance. Do not rely on it."


def age_lines(scorer: LeadScorer) -> Iterator[str]:
    """Say where most of what a model tells apart is how old the leads are."""
    share = _gains(scorer)["lead.age"]
    if share > MUCH_BY_AGE:
        yield f"note: {share:.0%} of what the model tells apart is the age of the leads. Among leads of"
        yield "  one age the AUC is lower. Give lost leads an outcome, or score at stated ages only"
        yield '  (training.snapshot_at and census = "snapshots" in the mapping).'


def _gains(scorer: LeadScorer) -> Counter[str]:
    """Return the share of the trees' gain by what the features are about."""
    gain = scorer.booster.feature_importance("gain").tolist()
    gains: Counter[str] = Counter()
    for feature, of_feature in zip(scorer.spec.features, gain, strict=True):
        gains[feature.about] += of_feature / (sum(gain) or 1.0)
    return gains


def strongest_column(scorer: LeadScorer) -> str:
    """Return what the trees gain most from: a column, or a type of event."""
    return _gains(scorer).most_common(1)[0][0]
