"""Changes of fit values, and accounts: from raw tables to the canonical ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from features.cells import cell_rules
from features.errors import Fault, InputError
from features.reading.lead_rows import known_cells
from features.reading.raw_columns import RawColumns, ReadTable, as_text
from features.tables import ACCOUNTS, CHANGES, TIME
from features.times import TimeRules

if TYPE_CHECKING:
    from features.mapping import Accounts, Mapping
    from features.reading.raw_tables import RawTable


def changes_of(raw: RawTable, mapping: Mapping) -> ReadTable:
    """Return the canonical changes. A row without lead, column or time is bad; a value may be missing."""
    section = mapping.changes
    if section is None:
        raise InputError(Fault("the mapping", "a [changes] section", "none", "Add one."))
    columns = RawColumns(raw, "changes")
    rules = TimeRules(section.time_format, mapping.training.time_zone)
    names = as_text(columns.cells(section.column, key="column"))
    remedy = "Fill it in, or correct changes.column in the mapping."
    columns.refuse(
        names.isna().to_numpy(), section.column, names, expected="the name of a column", remedy=remedy
    )
    values = known_cells(
        columns.cells(section.value, key="value"),
        cell_rules(mapping.leads.missing, mapping.leads.decimal),
    )
    frame = pd.DataFrame(
        {
            "lead_id": columns.ids(section.lead_id, key="lead_id"),
            "column": names,
            "changed_at": columns.times(section.changed_at, rules, key="changed_at", day_end=True),
            "value": values.astype(object).where(values.notna(), None),
        }
    )
    return columns.finished(frame, CHANGES)


def accounts_of(raw: RawTable, section: Accounts, mapping: Mapping) -> ReadTable:
    """Return the canonical accounts: `key` in lower case, `known_from` (NaT: always), own columns.

    Of rows with equal key and `known_from`, the first counts.
    """
    columns = RawColumns(raw, "accounts")
    rules = TimeRules(section.time_format, mapping.training.time_zone)
    key = columns.ids(section.key, key="key").str.casefold()
    known_from = pd.Series(pd.NaT, index=raw.cells.index, dtype=TIME)
    if section.known_from:
        known_from = columns.times(section.known_from, rules, key="known_from", day_end=True, required=False)
    cells = cell_rules(mapping.leads.missing, mapping.leads.decimal)
    own = raw.cells.drop(columns=[name for name in (section.key, section.known_from) if name])
    known = {name: known_cells(own[name], cells) for name in own.columns}
    read = columns.finished(pd.DataFrame({"key": key, "known_from": known_from} | known), ACCOUNTS)
    repeated = read.frame.duplicated(["key", "known_from"]).to_numpy()
    if not repeated.any():
        return read
    note = f"{raw.name}: {int(repeated.sum()):,} rows repeat an account; the first counts"
    frame = read.frame[~repeated].reset_index(drop=True)
    return replace(read, frame=frame, rows=read.rows[~repeated], notes=(*read.notes, note))
