"""The part of a card that says where the model is weak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.reports.card_words import figure_said, percent_said, share_said
from training.reports.content import Section, Sentences, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.evidence.evidence import Evidence, Slice
    from training.reports.content import Drawing, Part

KINDS = {"segment": "By segment", "age": "By age of the lead", "period": "By period"}


def slices(evidence: Evidence, plots: Mapping[str, Drawing]) -> Section | None:
    """Say where it is weak: by segment, age and period; None where it was not looked at."""
    if not evidence.slices:
        return None
    weak = tuple(f"{_slice_name(one)}: {one.why}." for one in evidence.slices if one.is_weak)
    said = (
        "In none of the groups that were looked at is it weak."
        if not weak
        else f"In {len(weak)} of the {len(evidence.slices)} groups that were looked at it is weak."
    )
    parts: list[Part] = [Sentences(weak)] if weak else []
    if "stability" in plots:
        parts.append(plots["stability"])
    for kind, title in KINDS.items():
        found = [one for one in evidence.slices if one.kind == kind]
        if found:
            parts.append(_sliced(title, found))
    return Section(title="Where it is weak", said=said, parts=tuple(parts))


def _sliced(title: str, found: list[Slice]) -> Table:
    head = (
        "Group", "Rows", "Leads", "Conversions", "Said", "Converted", "AUC", "Log loss", "Calibration error",
    )  # fmt: skip
    return Table(
        caption=title,
        head=head,
        rows=tuple(
            (
                _slice_name(one),
                f"{one.rows:,}",
                f"{one.leads:,}",
                f"{one.conversions:,}",
                share_said(one.probability),
                percent_said(one.converted),
                "not told" if one.auc is None else figure_said("roc_auc", one.auc),
                figure_said("log_loss", one.log_loss),
                figure_said("calibration_error", one.calibration_error),
            )
            for one in found
        ),
        marked=frozenset(at for at, one in enumerate(found) if one.is_weak),
    )


def _slice_name(one: Slice) -> str:
    return f"{one.of}: {one.value}" if one.kind == "segment" else one.value
