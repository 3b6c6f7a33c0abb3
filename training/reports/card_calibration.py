"""The part of a card that says whether its probabilities mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.reports.card_words import MEASURES, figure_said, percent_said
from training.reports.content import Facts, Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.about import About
    from training.reports.content import Drawing, Part


def calibration(about: About, plots: Mapping[str, Drawing]) -> Section:
    """Say whether the probabilities mean what they say."""
    evidence, choice = about.evidence, about.calibration
    names = [
        n
        for n in ("calibration_slope", "calibration_intercept", "calibration_error")
        if n in evidence.measures
    ]
    items = [("method", choice.method)]
    items += [(MEASURES[name], figure_said(name, evidence.measures[name])) for name in names]
    if evidence.calibration_error_perfect is not None:
        perfect = f"below {evidence.calibration_error_perfect:.4f} in 95 of 100 cases"
        items.append(("calibration error of a perfect model", perfect))
    moved = "has moved" if evidence.base_rate.has_moved else "has not moved with confidence"
    items += [
        ("base rate learned from", percent_said(evidence.base_rate.before)),
        ("base rate when tested", percent_said(evidence.base_rate.after)),
        ("so the base rate", moved),
    ]
    parts: list[Part] = [Facts(tuple(items))]
    if choice.log_losses:
        rows = tuple((name, f"{loss:.5f}") for name, loss in choice.log_losses.items())
        parts.append(Table(caption="What was tried, out of fold", head=("Method", "Log loss"), rows=rows))
    if "reliability" in plots:
        parts.append(plots["reliability"])
    if evidence.reliability:
        parts.append(
            Table(
                caption="Reliability",
                head=("Probability said", "Rows", "Converted"),
                rows=tuple(
                    (f"{100 * one.probability:.2f} %", f"{one.rows:,}", percent_said(one.converted))
                    for one in evidence.reliability
                ),
                words=0,
            )
        )
    return Section(
        title="Calibration",
        said="Whether of leads that are given a probability that share converts.",
        parts=tuple(parts),
    )
