"""The leakage audit, whole: what the columns show, and what a model makes of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from features.leakage import Evidence, Judged, Strength, audit_columns
from features.leakage.audit import judged_of
from training.auditing.audited import audited_file, audited_history
from training.auditing.column_weights import ColumnWeights, weigh_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from collections.abc import Mapping as MappingOf

    from features.batch import Cells
    from features.history import History
    from features.leakage import Verdict
    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable
    from features.tables import Tables
    from training.auditing.audited import Audited
    from training.examples import Examples

TOO_GOOD = 0.93
"""A model without the leaks that is still this good on leads it never saw asks for a second look …"""

MOST_OF_GAIN = 0.5
"""… at the column that brings half of its gain: that column is a suspect, whatever else is known of it …"""

MUCH_OF_GAIN = 0.2
"""… and at one that brings a fifth of it, where its name speaks of later work (see verdict.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedColumn:
    """The verdict on a column, and why.

    `evidence`: sentences, the strongest first. `auc_alone` (.5-1, out of fold) is None where the data are too
    small. `gain_share` (0-1): of a quick model of all columns. `auc_lost_without`: of a suspect, what a model
    without leaks loses without it; of a leak, what it would seem to gain by it; else None. `filled`: 0-1.
    """

    name: str
    verdict: Verdict
    evidence: tuple[str, ...]
    auc_alone: float | None
    gain_share: float | None
    auc_lost_without: float | None
    filled: float
    is_undated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The columns in the order of the data, and what is to be said of the data as a whole (`notes`)."""

    columns: tuple[AuditedColumn, ...]
    notes: tuple[str, ...]
    leads: int
    conversions: int
    fresh: int

    def named(self, verdict: Verdict) -> tuple[AuditedColumn, ...]:
        """Return the columns with a verdict."""
        return tuple(column for column in self.columns if column.verdict == verdict)

    def left_out(self, keep: Collection[str] = ()) -> tuple[str, ...]:
        """Return the leaks that are not kept. Raises InputError where `keep` names what was not audited."""
        names = [column.name for column in self.columns]
        unknown = [name for name in keep if name not in names]
        if unknown:
            remedy = "Name a column of the leads that the mapping does not exclude."
            listed = ", ".join(names[:30])
            raise InputError(*(Fault("--keep", f"one of {listed}", repr(name), remedy) for name in unknown))
        return tuple(column.name for column in self.named("leak") if column.name not in keep)

    def to_dict(self) -> dict[str, Any]:
        """Return the audit as JSON values."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the audit as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)


def audit_history(
    tables: Tables,
    mapping: Mapping,
    examples: Examples[History],
    *,
    fresh: MappingOf[str, Cells] | None = None,
) -> Audit:
    """Audit the columns of a history. `fresh`: cells of open leads; dated data have their own."""
    return audit(audited_history(tables, mapping, examples, fresh))


def audit_file(raw: RawTable, mapping: Mapping, *, fresh: MappingOf[str, Cells] | None = None) -> Audit:
    """Audit every column of a file of flat leads. Raises InputError where its label cannot be read."""
    return audit(audited_file(raw, mapping, fresh))


def audit(audited: Audited) -> Audit:
    """Judge every column by its cells, then ask quick models what those in question weigh."""
    judged, seen = audit_columns(audited.asked)
    before = [(column.name, column.verdict) for column in judged if column.verdict != "clear"]
    leaks = [column.name for column in judged if column.verdict == "leak"]
    suspects = [column.name for column in judged if column.verdict == "suspect"]
    weights = weigh_columns(audited, leaks, suspects)
    judged = tuple(_with_gain(column, weights) for column in judged)
    if [(column.name, column.verdict) for column in judged if column.verdict != "clear"] != before:
        leaks = [column.name for column in judged if column.verdict == "leak"]
        suspects = [column.name for column in judged if column.verdict == "suspect"]
        weights = weigh_columns(audited, leaks, suspects)
    columns = [_weighed(column, weights, audited.undated) for column in judged]
    fresh = audited.asked.fresh
    return Audit(
        columns=tuple(columns),
        notes=(*(note.sentence for note in seen), *_notes(audited, weights, leaks)),
        leads=len(audited.asked.labels),
        conversions=int(audited.asked.labels.sum()),
        fresh=max((len(cells) for cells in fresh.values()), default=0) if fresh else 0,
    )


def without_leaks(mapping: Mapping, left_out: Sequence[str]) -> Mapping:
    """Return the mapping with leaks added to what it excludes."""
    exclude = tuple(dict.fromkeys((*mapping.leads.exclude, *left_out)))
    return mapping.model_copy(update={"leads": mapping.leads.model_copy(update={"exclude": exclude})})


def _with_gain(column: Judged, weights: ColumnWeights) -> Judged:
    gain = _gain(column, weights)
    if gain is None:
        return column
    return judged_of(column.name, (*column.evidence, gain), column.auc_alone, column.filled)


def _weighed(column: Judged, weights: ColumnWeights, undated: Collection[str]) -> AuditedColumn:
    sentences = [piece.sentence for piece in column.evidence]
    is_undated = column.name in undated
    if is_undated and column.verdict != "clear":
        sentences.append("it has no history, so its values may be of after the moments of training")
    return AuditedColumn(
        name=column.name,
        verdict=column.verdict,
        evidence=tuple(sentences),
        auc_alone=None if column.auc_alone is None else round(max(0.5, column.auc_alone), 4),
        gain_share=round(weights.gain_share.get(column.name, 0.0), 4),
        auc_lost_without=_rounded(weights.lost.get(column.name)),
        filled=round(column.filled, 4),
        is_undated=is_undated,
    )


def _gain(column: Judged, weights: ColumnWeights) -> Evidence | None:
    """Say which share of a model's gain a column brings, or None where it is small."""
    is_leak = column.verdict == "leak"
    share = (weights.gain_share if is_leak else weights.rest_share).get(column.name, 0.0)
    if share < MUCH_OF_GAIN:
        return None
    auc = weights.auc if is_leak else weights.rest_auc
    strength = Strength.NONE
    if auc >= TOO_GOOD:
        strength = Strength.STRONG if share >= MOST_OF_GAIN else Strength.WEAK
    of_what = "all columns" if is_leak else "the columns that are no leaks"
    said = f"it brings {share:.0%} of the gain of a model of {of_what} (AUC {auc:.2f})"
    return Evidence(kind="gain", strength=strength, figure=share, sentence=said)


def _notes(audited: Audited, weights: ColumnWeights, leaks: Sequence[str]) -> list[str]:
    notes = []
    if leaks:
        notes.append(
            f"A quick model has an AUC of {weights.auc:.3f} with the leaks, {weights.rest_auc:.3f} without."
        )
    if weights.rest_auc >= TOO_GOOD:
        notes.append(
            f"Without the leaks a quick model still has an AUC of {weights.rest_auc:.3f}, which is hardly "
            "ever true of leads: look at the columns with the largest share of the gain."
        )
    if audited.undated:
        notes.append(f"Columns without a history (undated): {', '.join(audited.undated)}.")
    if audited.excluded:
        notes.append(f"Excluded by the mapping, and not audited: {', '.join(audited.excluded)}.")
    if audited.asked.fresh is None:
        notes.append("No fresh leads were given to compare with: a file of open ones (--fresh) shows more.")
    else:
        absent = [name for name in audited.asked.cells if name not in audited.asked.fresh]
        if absent:
            notes.append(f"Not compared, because the fresh leads lack the column: {', '.join(absent)}.")
    return [*notes, *audited.notes]


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
