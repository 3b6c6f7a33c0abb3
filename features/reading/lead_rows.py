"""Leads: from a raw table to the canonical one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from features.cells import CellRules, cell_rules, text_of
from features.errors import Fault, InputError
from features.reading.notes import Count, literal
from features.reading.raw_columns import RawColumns, ReadTable
from features.tables import LEADS, TIME
from features.times import TimeRules

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable


def leads_of(raw: RawTable, mapping: Mapping, *, training: bool) -> ReadTable:
    """Return the canonical leads, in the file's order with duplicates kept.

    Columns: `lead_id`, `created_at`, and the company's own but for those excluded, the label and the
    column of the creation. Cells that spell 'not known' are missing. With `training`, every column that the
    mapping names must be there (a misspelt exclusion would let a leak in); a file to score may lack some.
    A row without an id, or without a creation where leads are dated, is a bad row.
    """
    section, columns = mapping.leads, RawColumns(raw, "leads")
    if training:
        # Those of accounts may be named too, and are looked for when the accounts are joined.
        for key in ("exclude",) if mapping.accounts else ("exclude", "context", "multi"):
            columns.require(tuple(getattr(section, key)), key=key)
        for accounts in mapping.accounts:
            _require_account_key(raw, accounts.lead_key, section.exclude)
    rules = cell_rules(section.missing, section.decimal)
    own = _own_columns(raw, mapping)
    frame = pd.DataFrame(
        {"lead_id": columns.ids(section.id, key="id"), "created_at": _created(columns, mapping)}
    )
    frame = pd.concat([frame, raw.cells[own].apply(known_cells, args=(rules,))], axis=1) if own else frame
    return columns.finished(frame, LEADS)


def labelled_cells(raw: RawTable, mapping: Mapping) -> pd.Series[Any] | None:
    """Return the raw cells of the label column, for flat data (index: the rows' numbers)."""
    if mapping.outcomes is None or mapping.outcomes.label is None:
        return None
    return RawColumns(raw, "outcomes").cells(mapping.outcomes.label, key="label")


def first_of_each(read: ReadTable) -> ReadTable:
    """Keep the first row of every lead id, and count the others in the notes."""
    repeated = read.frame["lead_id"].duplicated().to_numpy()
    if not repeated.any():
        return read
    said = f"{literal(read.rejects.said_of)}: {{:,}} rows repeat a lead id; the first row counts"
    return ReadTable(
        read.frame[~repeated].reset_index(drop=True),
        read.rows[~repeated],
        read.rejects,
        (*read.notes, Count(said, repeated.sum())),
    )


def _own_columns(raw: RawTable, mapping: Mapping) -> list[str]:
    leads = mapping.leads
    label = mapping.outcomes.label if mapping.outcomes else None
    taken = {leads.id, leads.created_at, label} | set(leads.exclude) | _columns_of_outcomes(mapping)
    own = [name for name in raw.cells.columns if name not in taken]
    clash = [name for name in own if name in {"lead_id", "created_at"}]
    if clash:
        found = f"a column {clash[0]!r} beside the one that leads names"
        remedy = f"Use it in the mapping, or add {clash[0]!r} to leads.exclude."
        raise InputError(Fault(raw.name, "no second column of a reserved name", found, remedy))
    return own


def _columns_of_outcomes(mapping: Mapping) -> set[str | None]:
    """Return the columns that say how leads ended, where they stand in the file of leads itself."""
    outcomes = mapping.outcomes
    if outcomes is None or outcomes.path is None or outcomes.path != mapping.leads.path:
        return set()
    named = (outcomes.occurred_at, outcomes.outcome, outcomes.value, outcomes.known_at)
    return {column for column in named if isinstance(column, str)}


def _require_account_key(raw: RawTable, lead_key: str, exclude: tuple[str, ...]) -> None:
    RawColumns(raw, "accounts").require((lead_key,), key="lead_key")
    if lead_key in exclude:
        remedy = "Take it out of leads.exclude: accounts are found by it."
        raise InputError(
            Fault("the mapping, accounts.lead_key", "a column that is kept", repr(lead_key), remedy)
        )


def _created(columns: RawColumns, mapping: Mapping) -> pd.Series[pd.Timestamp]:
    leads = mapping.leads
    if leads.created_at is None:
        return pd.Series(pd.NaT, index=columns.raw.cells.index, dtype=TIME)
    rules = TimeRules(leads.time_format, mapping.training.time_zone)
    return columns.times(leads.created_at, rules, key="created_at", day_end=False, required=mapping.is_dated)


def known_cells(cells: pd.Series[Any], rules: CellRules) -> pd.Series[Any]:
    """Make the cells missing that spell 'not known'."""
    if isinstance(cells.dtype, pd.StringDtype):
        spelled = [text for text in cells.dropna().unique() if text_of(text, rules) is None]
        return cells.mask(cells.isin(spelled)) if spelled else cells
    if cells.dtype == object:
        return cells.map(
            lambda cell: None if isinstance(cell, str) and text_of(cell, rules) is None else cell
        )
    return cells
