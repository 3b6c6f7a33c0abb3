"""What an audit looks at: leads as they were at the moments of training, and leads that are still open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from features.batch import LeadBatch
from features.cells import cell_rules
from features.events import NO_TIME, no_events
from features.history import History, microseconds_of
from features.leakage import Asked
from features.leakage.audit import NEVER
from features.leakage.changed import ChangeLog
from features.reading.labels import labels_of
from features.snapshots import Lives

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable
    from features.tables import Tables
    from training.examples import Examples

MOST_LEADS = 100_000
"""How many leads are judged, evenly spread over their order: more would change figures by a hair."""

MODEL_ROWS = 20_000
"""How many examples the quick models of an audit see: whole leads, evenly spread over their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """`asked`: each lead once. `batch`, `labels`, `weights` (n,): the examples that models are fitted to.

    `undated`: columns without a history, where others could have one; `excluded`: columns that the mapping
    leaves out, which are not audited.
    """

    mapping: Mapping
    asked: Asked
    batch: LeadBatch
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    undated: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def audited_history(
    tables: Tables, mapping: Mapping, examples: Examples[History], fresh: MappingOf[str, Cells] | None = None
) -> Audited:
    """Take what is audited from a history: the cells as they stood when each lead is first learned from.

    A lead counts as converted where any of its examples does. Fresh leads of dated data are those that
    are open at the extract and too young to be learned from, as they stand then; `fresh` replaces them.
    """
    history, learned = examples.history, examples.learned
    # Stable, so that of a lead's examples the earliest comes first.
    order = np.lexsort((learned.as_of, learned.lead))
    leads, first = np.unique(learned.lead[order], return_index=True)
    notes, step = _sampled(len(leads)), _step(len(leads), MOST_LEADS)
    leads, earliest = leads[::step], learned.as_of[order][first][::step]
    learned = learned.where(np.isin(learned.lead, leads)) if step > 1 else learned
    judged = history.at(leads, earliest)
    labels = np.zeros(len(leads))
    np.maximum.at(labels, np.searchsorted(leads, learned.lead), learned.label)
    if fresh is None and mapping.is_dated:
        fresh = _open_now(tables, mapping, history)
    some = leads[:: _step(len(learned), MODEL_ROWS)]
    chosen = learned.where(np.isin(learned.lead, some))
    return Audited(
        mapping=mapping,
        asked=Asked(
            cells=judged.cells,
            labels=labels,
            lead_ids=judged.lead_ids,
            rules=cell_rules(mapping.leads.missing, mapping.leads.decimal),
            fresh=fresh,
            changes=_change_logs(tables, history),
            outcome_at=_ends(tables, history),
        ),
        batch=history.at(chosen.lead, chosen.as_of),
        labels=chosen.label,
        weights=chosen.weight,
        undated=tuple(history.undated()) if mapping.is_dated else (),
        excluded=mapping.leads.exclude,
        notes=notes,
    )


def audited_file(raw: RawTable, mapping: Mapping, fresh: MappingOf[str, Cells] | None = None) -> Audited:
    """Take what is audited from a file of flat leads: every column of it but the id and the label.

    The mapping names the id and the label; its exclusions were guessed, so they are audited like the rest.
    Rows that the label calls still open are the fresh ones, unless `fresh` gives others.
    """
    if mapping.outcomes is None or mapping.outcomes.label is None:
        raise TypeError("a file of flat leads is audited by its label")
    cells = raw.cells[~raw.cells[mapping.leads.id].duplicated().to_numpy()]
    labels = labels_of(cells[mapping.outcomes.label], mapping.outcomes, raw.name)
    own = [name for name in cells.columns if name not in {mapping.leads.id, mapping.outcomes.label}]
    known = np.flatnonzero(labels.values.notna().to_numpy())
    if fresh is None and labels.still_open.any():
        fresh = {name: cells.loc[labels.still_open.to_numpy(), name] for name in own}
    notes = _sampled(len(known))
    known = known[:: _step(len(known), MOST_LEADS)]
    cells, label = cells.iloc[known], np.asarray(labels.values.iloc[known], np.float64)
    ids = cells[mapping.leads.id].astype(str).tolist()
    held = {name: cells[name].reset_index(drop=True) for name in own}
    chosen = np.arange(len(ids))[:: _step(len(ids), MODEL_ROWS)]
    asked = Asked(
        cells=held,
        labels=label,
        lead_ids=ids,
        rules=cell_rules(mapping.leads.missing, mapping.leads.decimal),
        fresh=fresh,
    )
    return Audited(
        mapping=mapping,
        asked=asked,
        batch=_flat_batch(held, ids, chosen),
        labels=label[chosen],
        weights=np.ones(len(chosen)),
        notes=notes,
    )


def _flat_batch(cells: MappingOf[str, Cells], ids: list[str], rows: NDArray[np.int64]) -> LeadBatch:
    return LeadBatch(
        lead_ids=[ids[row] for row in rows.tolist()],
        created_at=np.full(len(rows), NO_TIME),
        as_of=np.zeros(len(rows), np.int64),
        cells={name: column.iloc[rows] for name, column in cells.items()},  # type: ignore[union-attr]  # columns of a frame
        events=no_events(len(rows)),
        owner=np.arange(len(rows), dtype=np.int64),
    )


def _step(have: int, most: int) -> int:
    """Return the k of which every k-th leaves about `most`, and no more than that."""
    return max(1, -(-have // most))


def _sampled(leads: int) -> tuple[str, ...]:
    """Say how many of the leads are judged, where it is not all."""
    step = _step(leads, MOST_LEADS)
    return () if step == 1 else (f"{-(-leads // step):,} of {leads:,} leads were looked at, evenly spread.",)


def _open_now(tables: Tables, mapping: Mapping, history: History) -> MappingOf[str, Cells]:
    every = np.arange(len(history), dtype=np.int64)
    now = np.full(len(history), history.extract_at)
    young = history.created_at + (mapping.training.horizon or 0) > history.extract_at
    chosen = every[Lives(tables, history).is_open(every, now) & young]
    return history.at(chosen, now[: len(chosen)]).cells


def _change_logs(tables: Tables, history: History) -> dict[str, ChangeLog]:
    if tables.changes is None:
        return {}
    logs = {}
    for name, rows in tables.changes.groupby("column", sort=False):
        owner = history.owners_of(rows["lead_id"])
        at = microseconds_of(rows["changed_at"])
        logs[str(name)] = ChangeLog(owner[owner >= 0], at[owner >= 0])
    return logs


def _ends(tables: Tables, history: History) -> NDArray[np.int64]:
    """Return when each owner's first outcome was, NEVER where there is none."""
    ends = np.full(int(history.owner.max(initial=-1)) + 1, NEVER)
    if tables.outcomes is not None:
        owner = history.owners_of(tables.outcomes["lead_id"])
        at = microseconds_of(tables.outcomes["occurred_at"])
        np.minimum.at(ends, owner[owner >= 0], at[owner >= 0])
    return ends
