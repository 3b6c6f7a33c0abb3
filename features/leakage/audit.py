"""The audit of a table of leads: every kind of evidence about every column."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import CellRules
from features.leakage.cell_views import ColumnViews, spiked, views_of
from features.leakage.changed import ChangeLog, written_late
from features.leakage.discrimination import FOLDS, best_auc, discrimination, monotone_auc
from features.leakage.emptiness import emptiness
from features.leakage.fresh import freshness
from features.leakage.names import name_evidence
from features.leakage.pairs import joint_evidence, telling_pairs
from features.leakage.purity import purity
from features.leakage.row_order import counting, row_order_auc
from features.leakage.verdict import Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.leakage.evidence import Evidence

LEAST_OF_EACH = 20
"""Fewer leads of either outcome show nothing about a column."""

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is audited: n leads whose end is known, each once, in the order of their table.

    `cells`: for each column n raw cells, as they stood at the moments of training. `labels` float64 (n,),
    0 or 1. `lead_ids` decide the folds, so that the order of rows decides nothing. `fresh`: cells of leads
    that are open, under the same names. `changes`: for columns with a history, when they were written;
    `outcome_at` int64 (leads,): when the leads that `changes` number ended, NEVER where they did not.
    """

    cells: Mapping[str, Cells]
    labels: NDArray[np.float64]
    lead_ids: Sequence[str]
    rules: CellRules = field(default_factory=CellRules)
    fresh: Mapping[str, Cells] | None = None
    changes: Mapping[str, ChangeLog] = field(default_factory=dict)
    outcome_at: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One column: the verdict, its evidence, the strongest first, and figures.

    `auc_alone`: out of fold, .5 to 1 (None where the data are too small to say); `filled`: share (0-1).
    """

    name: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    auc_alone: float | None
    filled: float


@dataclass(frozen=True, slots=True)
class DataSetNote:
    """What was seen of the data as a whole, in words."""

    sentence: str


def audit_columns(asked: Asked) -> tuple[tuple[Judged, ...], tuple[DataSetNote, ...]]:
    """Judge every column, in the order of the cells, and return what there is to say of the data as a whole.

    >>> ids = [str(n) for n in range(100)]
    >>> labels = np.arange(100) % 2.0
    >>> cells = {"plan": ["paid" if label else "free" for label in labels]}
    >>> [(one.name, one.verdict) for one in audit_columns(Asked(cells=cells, labels=labels, lead_ids=ids))[0]]
    [('plan', 'leak')]
    """
    wins = int(asked.labels.sum())
    if min(wins, len(asked.labels) - wins) < LEAST_OF_EACH:
        return _unjudged(asked)
    views = {name: views_of(_joined(asked, name), asked.rules) for name in asked.cells}
    ended = {name: _first(view, len(asked.labels)) for name, view in views.items()}
    fold = folds_of(asked.lead_ids)
    alone = {name: _auc_alone(view, asked.labels, fold) for name, view in ended.items()}
    found = {name: list(_evidence(asked, name, views[name], ended[name], alone[name])) for name in views}
    innocent = {name: view for name, view in ended.items() if verdict_of(found[name]) != "leak"}
    for pair in telling_pairs(innocent, alone, asked.labels, fold):
        for name in (pair.first, pair.second):
            if not any(piece.kind == "joint" for piece in found[name]):
                found[name].append(joint_evidence(pair, name))
    judged = tuple(judged_of(name, found[name], alone[name], ended[name].filled.mean()) for name in found)
    return judged, tuple(_notes(asked, fold))


def judged_of(name: str, evidence: Iterable[Evidence], auc: float | None, filled: float) -> Judged:
    """Return a column's verdict with its evidence in order."""
    pieces = tuple(sorted(evidence, key=lambda piece: -piece.strength))
    return Judged(name=name, verdict=verdict_of(pieces), evidence=pieces, auc_alone=auc, filled=float(filled))


def folds_of(lead_ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the fold of each lead, int64 (n,), from its id alone."""
    return np.asarray([zlib.crc32(lead.encode()) % FOLDS for lead in lead_ids], np.int64)


def _auc_alone(views: ColumnViews, labels: NDArray[np.float64], fold: NDArray[np.int64]) -> float:
    auc = best_auc(views.codings, labels, fold)
    return auc if views.numbers is None else max(auc, monotone_auc(views.numbers, labels))


def _evidence(
    asked: Asked, name: str, views: ColumnViews, ended: ColumnViews, auc: float
) -> Iterable[Evidence]:
    """Yield what there is to say about a column; of one that never varies, only its history speaks."""
    late = written_late(asked.changes[name], asked.outcome_at, NEVER) if name in asked.changes else None
    if late is not None:
        yield late
    if len(np.unique(ended.values)) < 2:
        return
    labels = asked.labels
    is_two_valued = len(np.unique(ended.values)) == 2
    pieces = [
        discrimination(auc, labels, is_two_valued=is_two_valued),
        counting(ended, auc),
        name_evidence(name),
        emptiness(ended.filled, labels, ended.numbers),
        # Bins of a smooth number would settle outcomes at its ends, however honest it is.
        purity(ended.values, labels, ended.texts)
        if ended.numbers is None
        else purity(spiked(ended.numbers), labels, None),
    ]
    if asked.fresh is not None and name in asked.fresh:
        pieces.append(freshness(views, np.arange(len(views.values)) >= len(labels)))
    yield from (piece for piece in pieces if piece is not None)


def _notes(asked: Asked, fold: NDArray[np.int64]) -> Iterable[DataSetNote]:
    auc = row_order_auc(asked.labels, fold)
    if auc is not None:
        yield DataSetNote(
            f"The order of the rows tells who converted (AUC {auc:.2f}): the file is sorted, or the rate of "
            "conversion drifts. The order is never used; a number that counts the rows would be."
        )


def _unjudged(asked: Asked) -> tuple[tuple[Judged, ...], tuple[DataSetNote, ...]]:
    note = DataSetNote(
        f"Too small to judge a column by itself: at least {LEAST_OF_EACH} leads that converted and as many "
        "that did not are needed. 'clear' means nothing here."
    )
    names = ((name, name_evidence(name)) for name in asked.cells)
    return tuple(judged_of(name, [piece] if piece else [], None, 0.0) for name, piece in names), (note,)


def _joined(asked: Asked, name: str) -> Cells:
    """Return the cells of the ended leads and of the fresh ones after them."""
    if asked.fresh is None or name not in asked.fresh:
        return asked.cells[name]
    parts = [pd.Series(part, dtype=object) for part in (asked.cells[name], asked.fresh[name])]
    joined: pd.Series[Any] = pd.concat(parts, ignore_index=True)
    return joined


def _first(views: ColumnViews, rows: int) -> ColumnViews:
    """Return the views of the first rows."""
    if len(views.values) == rows:
        return views
    return ColumnViews(
        values=views.values[:rows],
        texts=views.texts,
        numbers=None if views.numbers is None else views.numbers[:rows],
        bins=None if views.bins is None else views.bins[:rows],
        shapes=None if views.shapes is None else views.shapes[:rows],
        is_time=views.is_time,
    )
