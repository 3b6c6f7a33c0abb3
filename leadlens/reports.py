"""Evidence as lines of text, for a terminal of 100 columns. The whole of it is in the card."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.scorer import LeadScorer
    from training.evidence.evidence import Evidence, Flattery, Slice
    from training.measures import Figure

MUCH_BY_AGE = 0.4
"""Where the age of the leads brings more of the gain, the figures say more of time than of leads."""

WEAK_SLICES = 4

MODEL = "the model"


def evidence_lines(evidence: Evidence) -> Iterator[str]:
    """Say what was measured, on what, and beside which rivals; then what a careful reader must know."""
    yield f"Evidence: {evidence.how}."
    yield (
        f"  {evidence.rows:,} rows of {evidence.leads:,} leads, {evidence.conversions:,} of which convert; "
        f"of the rows {_percent(evidence.base_rate.after)}"
    )
    yield from _table(evidence)
    yield from _calibration(evidence)
    yield from _lifts(evidence)
    yield from _others(evidence)
    if evidence.flattery is not None:
        yield _flattery(evidence.flattery)
    yield from _weak(evidence.slices)
    for note in evidence.notes:
        yield f"  note: {note}"
    if not evidence.shows_signal:
        yield "  The data show no signal: the interval of the AUC reaches down to chance. Do not rely on it."
    for reason in evidence.reasons_against:
        yield f"  not promotable: {reason}"


def _table(evidence: Evidence) -> Iterator[str]:
    """Say log loss and AUC of the model and its rivals, and by how much the model is better."""
    yield f"  {'':20} {'log loss':24} {'AUC':24} the model's lead"
    rivals = ((rival.name, rival.measures, rival.lead) for rival in evidence.rivals)
    for name, measures, lead in ((MODEL, evidence.measures, None), *rivals):
        auc = measures.get("roc_auc", "-")
        ahead = "" if lead is None else f"{lead.value:+.4f} {_interval(lead, 4)}"
        yield f"  {name:20} {measures['log_loss']!s:24} {auc!s:24} {ahead}".rstrip()
    yield "  (in brackets: 95 % intervals, by resampling leads; the model's lead, in log loss, is paired)"


def _calibration(evidence: Evidence) -> Iterator[str]:
    measures = evidence.measures
    said = [f"calibration error {_said(measures['calibration_error'], 4)}"]
    for name, digits in (("slope", 2), ("intercept", 2)):
        if figure := measures.get(f"calibration_{name}"):
            said.append(f"{name} {_said(figure, digits)}")
    yield f"  {', '.join(said)}"
    if evidence.calibration_error_perfect is not None:
        limit = f"below {evidence.calibration_error_perfect:.4f} in 95 of 100 cases"
        yield f"  (probabilities that hold show a calibration error {limit})"
    if {"brier", "brier_resolution"} <= measures.keys():
        parts = (measures[f"brier_{part}"].value for part in ("reliability", "resolution", "uncertainty"))
        told = "{:.4f} reliability - {:.4f} resolution + {:.4f} uncertainty".format(*parts)
        yield f"  Brier {measures['brier'].value:.4f} = {told}"


def _lifts(evidence: Evidence) -> Iterator[str]:
    tops = {"05": "best 5%", "10": "best 10%", "20": "best 20%", "30": "best 30%"}
    if evidence.capacity is not None:
        tops["capacity"] = f"capacity, {evidence.capacity:.1%}"
    width = max(map(len, tops.values()))
    for top, said in tops.items():
        lift, recall = evidence.measures.get(f"lift_{top}"), evidence.measures.get(f"recall_{top}")
        if lift is not None and recall is not None:
            yield f"  {said:{width}}  lift {_said(lift, 2)}, {_percent(recall)} of the conversions"


def _others(evidence: Evidence) -> Iterator[str]:
    if evidence.signal is not None:
        signal = evidence.signal
        yield f"  signal: z = {signal.z:.1f}; of pairs alike in time {_percent(signal.auc)} are in order"
    for name, figure in (
        ("events", evidence.auc_without_events),
        ("enrichment", evidence.auc_without_enrichment),
    ):
        if figure is not None:
            yield f"  AUC without {name} {figure}"


def _flattery(flattery: Flattery) -> str:
    return (
        f"  a random split by lead shows AUC {flattery.random_auc.value:.3f}, flattering by "
        f"{flattery.auc:+.3f}, and log loss {flattery.random_log_loss.value:.4f}, by {flattery.log_loss:+.4f}"
    )


def _weak(slices: tuple[Slice, ...]) -> Iterator[str]:
    """Say the weak slices of most leads, and how many more there are."""
    weak = sorted((found for found in slices if found.is_weak), key=lambda found: -found.leads)
    for found in weak[:WEAK_SLICES]:
        name = found.value if found.of == found.kind else f"{found.of}, {found.value}"
        yield (
            f"  weak: {name} ({found.leads:,} leads): {found.why} "
            f"(said {found.probability:.1%}, came {_percent(found.converted)})"
        )
    if len(weak) > WEAK_SLICES:
        yield f"  weak: {len(weak) - WEAK_SLICES} more of {len(slices)} slices, named in the card"


def _said(figure: Figure, digits: int) -> str:
    return f"{figure.value:.{digits}f} {_interval(figure, digits)}"


def _interval(figure: Figure, digits: int) -> str:
    return f"[{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def _percent(figure: Figure) -> str:
    return f"{figure.value:.1%} [{figure.low:.1%}, {figure.high:.1%}]"


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
