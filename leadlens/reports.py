"""Evidence as lines of text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.scorer import LeadScorer
    from training.evidence import Evidence


def evidence_lines(evidence: Evidence) -> Iterator[str]:
    """Say what was measured, on what, and against which baseline."""
    yield f"Evidence: {evidence.how}."
    yield f"  {evidence.rows:,} rows of {evidence.leads:,} leads, {evidence.conversions:,} of which convert"
    yield f"  AUC                {evidence.auc}"
    if evidence.auc_without_events is not None:
        yield f"  AUC without events {evidence.auc_without_events}"
    if evidence.auc_without_enrichment is not None:
        yield f"  AUC without enrichment {evidence.auc_without_enrichment}"
    yield f"  log loss           {evidence.log_loss}"
    yield f"  … of the base rate {evidence.base_rate_log_loss}"
    yield f"  calibration error  {evidence.calibration_error}"
    yield "  (in brackets: 95 % intervals, by resampling leads)"
    for note in evidence.notes:
        yield f"  note: {note}"
    if not evidence.shows_signal:
        yield "  The data show no signal: the interval of the AUC reaches down to chance. Do not rely on it."


def strongest_column(scorer: LeadScorer) -> str:
    """Return what the trees gain most from: a column, or a type of event."""
    gains: Counter[str] = Counter()
    for feature, gain in zip(
        scorer.spec.features, scorer.booster.feature_importance("gain").tolist(), strict=True
    ):
        gains[feature.about] += gain
    return gains.most_common(1)[0][0]
