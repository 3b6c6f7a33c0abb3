"""The gates of a promotion: each a question that a version answers with a figure. Pure, all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.about import About
    from training.evidence.evidence import Evidence
    from training.promotion.comparison import Comparison

SLOPE_FROM, SLOPE_TO = 0.8, 1.25
"""Probabilities whose log-odds have to be stretched by more than a quarter, either way, say too much or too
little."""

MOST_UNSTABLE = 0.25
"""The highest population stability index of bands: above it, it is another population (Siddiqi 2006)."""

SLOW_MS = 10.0
"""A score that takes longer holds up a page that shows many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate and whether it was passed. `said`: why, in a sentence; `figure`: with its unit or interval.

    One that does not block only warns.
    """

    name: str
    passed: bool
    figure: str
    said: str
    blocks: bool = True

    @property
    def stands_in_the_way(self) -> bool:
        """Whether it keeps the version from being promoted."""
        return self.blocks and not self.passed


def model_gates(about: About, comparison: Comparison | None, latency_ms: float) -> tuple[Gate, ...]:
    """Return the gates of a version with a model. `comparison`: None where no model is replaced.

    `latency_ms`: the median time of one score, in milliseconds.
    """
    return (*evidence_gates(about, comparison), latency_gate(latency_ms))


def evidence_gates(about: About, comparison: Comparison | None) -> tuple[Gate, ...]:
    """Return the gates that what is kept with a version and a comparison answer, without a score made."""
    against = () if comparison is None else (log_loss_gate(comparison), grades_gate(comparison))
    return (
        signal_gate(about.evidence),
        baselines_gate(about.evidence),
        slope_gate(about.evidence),
        leak_gate(about.kept),
        embargo_gate(about.evidence),
        *against,
    )


def points_gates(
    rules: int, unmatched: Sequence[str], rung_replaced: str | None, latency_ms: float
) -> tuple[Gate, ...]:
    """Return the gates of a version of points, which claims no probability.

    `rules`: how many can match; `unmatched`: those that match nothing; `rung_replaced`: the champion's, None
    where there is none.
    """
    return (
        rules_gate(rules),
        unmatched_gate(unmatched),
        rung_gate(rung_replaced),
        latency_gate(latency_ms),
    )


def signal_gate(evidence: Evidence) -> Gate:
    """Whether the data tell leads apart at all."""
    shown = evidence.shows_signal
    if evidence.signal is None:
        figure = f"AUC {evidence.auc}"
    else:
        figure = f"in order {evidence.signal.auc} of the pairs alike in time"
    said = "the features tell leads apart" if shown else "nothing shows that the features tell leads apart"
    return Gate(name="signal", passed=shown, figure=figure, said=said)


def baselines_gate(evidence: Evidence) -> Gate:
    """Whether the model beats what it has to beat, and nothing simpler beats it."""
    against = evidence.reasons_against
    figure = ", ".join(f"{rival.name} {rival.lead}" for rival in evidence.rivals)
    said = " ".join(against) or "it beats the base rate and each scorecard, and nothing simpler beats it"
    return Gate(name="baselines", passed=not against, figure=f"log loss less: {figure}", said=said)


def slope_gate(evidence: Evidence) -> Gate:
    """Whether the calibration slope is within bounds: it fails where its interval lies wholly outside."""
    slope = evidence.measures.get("calibration_slope")
    bounds = f"{SLOPE_FROM} to {SLOPE_TO}"
    if slope is None:
        said = "the evidence does not hold it: train again"
        return Gate(name="calibration slope", passed=False, figure="not measured", said=said)
    passed = slope.low <= SLOPE_TO and slope.high >= SLOPE_FROM
    said = f"its interval {'reaches into' if passed else 'lies outside'} {bounds}"
    return Gate(name="calibration slope", passed=passed, figure=str(slope), said=said)


def leak_gate(kept: Sequence[str]) -> Gate:
    """Whether no column was learned from that the audit calls a leak."""
    named = ", ".join(f"'{name}'" for name in kept)
    said = f"learned from although the audit calls it a leak: {named}" if kept else "none was kept"
    return Gate(name="leaks", passed=not kept, figure=str(len(kept)), said=said)


def embargo_gate(evidence: Evidence) -> Gate:
    """Whether an embargo lies before the tested period. It warns: a short history may not have the room."""
    figure, said = {
        None: ("none", "the evidence tells of none"),
        True: ("kept", "all that was learned was decided before the first tested moment"),
        False: (
            "not kept",
            "what was learned may have been decided inside the tested period, which can flatter every figure",
        ),
    }[evidence.is_embargoed]
    passed = evidence.is_embargoed is not False
    return Gate(name="embargo", passed=passed, figure=figure, said=said, blocks=False)


def log_loss_gate(comparison: Comparison) -> Gate:
    """Whether the log loss is not worse than the champion's with confidence."""
    difference = comparison.difference
    passed = difference.low <= 0.0
    better = "better" if difference.high < 0.0 else "not told apart" if passed else "worse with confidence"
    conversions = f"{comparison.rows:,} rows, {comparison.conversions:,} leads convert"
    said = f"beside version {comparison.champion} it is {better}: {comparison.said} ({conversions})"
    return Gate(name="log loss", passed=passed, figure=f"{difference} nats", said=said)


def grades_gate(comparison: Comparison) -> Gate:
    """Whether as many leads as before get each band of scores: it fails where that is sure not to be so."""
    index = comparison.stability
    passed = index.low <= MOST_UNSTABLE
    moved = f"{comparison.moved:.0%} of the rows get a score of another band of ten than the champion gives"
    return Gate(
        name="grades",
        passed=passed,
        figure=f"stability index {index}",
        said=f"its interval {'reaches down to' if passed else 'lies above'} {MOST_UNSTABLE}; {moved}",
    )


def no_comparison_gate(why: str) -> Gate:
    """Return the gate that stays shut where nothing tells which of two models is better."""
    return Gate(name="comparison", passed=False, figure="none", said=why)


def no_evidence_gate(why: str) -> Gate:
    """Return the gate that stays shut where nothing is known that the others could ask."""
    return Gate(name="evidence", passed=False, figure="none", said=why)


def rules_gate(rules: int) -> Gate:
    """Whether a scorecard tells anybody apart at all."""
    said = "each is a reason where it matches" if rules else "nobody would get any points"
    return Gate(name="rules", passed=rules > 0, figure=f"{rules} that can match", said=said)


def unmatched_gate(unmatched: Sequence[str]) -> Gate:
    """Whether each rule speaks of something that there is. It warns: a card may know more than the data."""
    said = "; ".join(unmatched[:5]) or "every rule can match"
    figure = f"{len(unmatched)} that cannot match"
    return Gate(name="unmatched rules", passed=not unmatched, figure=figure, said=said, blocks=False)


def rung_gate(replaced: str | None) -> Gate:
    """Whether no champion that learned is replaced by points."""
    passed = replaced in (None, "points")
    said = "no model is replaced" if passed else f"points would replace a champion of the rung '{replaced}'"
    return Gate(name="rung", passed=passed, figure=replaced or "no champion", said=said)


def latency_gate(latency_ms: float) -> Gate:
    """Whether one score is fast. It warns and never blocks: another machine has another speed."""
    passed = latency_ms <= SLOW_MS
    said = f"one score takes {'at most' if passed else 'more than'} {SLOW_MS:g} ms here, with its reasons"
    return Gate(name="latency", passed=passed, figure=f"{latency_ms:.2f} ms", said=said, blocks=False)
