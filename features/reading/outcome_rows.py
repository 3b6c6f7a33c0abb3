"""Outcomes: from a raw table to the canonical one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.cells import cell_rules
from features.errors import Fault, InputError
from features.mapping import Constant, Outcomes
from features.reading.labels import label_spelling
from features.reading.raw_columns import RawColumns, ReadTable, as_text
from features.tables import OUTCOMES
from features.times import TimeRules

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable

ENDS = ("won", "lost", "disqualified")


def outcomes_of(raw: RawTable, mapping: Mapping) -> ReadTable:
    """Return the canonical outcomes. A row without lead, time or outcome is a bad row.

    Rows whose outcome the mapping calls 'open' are left out (they need no time) and counted. Raises
    InputError, listing them, where outcomes are spelt in ways that the mapping does not know.
    """
    section = mapping.outcomes or Outcomes(label="")
    raw = _without_open(raw, section)
    columns = RawColumns(raw, "outcomes")
    rules = TimeRules(section.time_format, mapping.training.time_zone)
    occurred = columns.times(section.occurred_at or "", rules, key="occurred_at", day_end=True)
    known = occurred
    if section.known_at:
        later = columns.times(section.known_at, rules, key="known_at", day_end=True, required=False)
        known = later.fillna(occurred)
    numbers = cell_rules(decimal=mapping.leads.decimal)
    frame = pd.DataFrame(
        {
            "lead_id": columns.ids(section.lead_id or "", key="lead_id"),
            "occurred_at": occurred,
            "known_at": known,
            "outcome": _ends(columns, section),
            "value": columns.numbers(section.value, numbers, key="value") if section.value else np.nan,
        },
        index=raw.cells.index,
    )
    return columns.finished(frame.astype({"value": "float64"}), OUTCOMES)


def _without_open(raw: RawTable, section: Outcomes) -> RawTable:
    """Leave out the rows of deals that are not decided yet, and count them."""
    spelled = {label_spelling(text) for text, end in section.outcomes.items() if end == "open"}
    if not spelled or not isinstance(section.outcome, str):
        return raw
    cells = RawColumns(raw, "outcomes").cells(section.outcome, key="outcome")
    is_open = cells.map(label_spelling).isin(spelled).to_numpy()
    note = f"{raw.name}: {int(is_open.sum()):,} rows of leads that are still open left out"
    notes = (*raw.notes, note) if is_open.any() else raw.notes
    return replace(raw, cells=raw.cells[~is_open], notes=notes)


def _ends(columns: RawColumns, section: Outcomes) -> pd.Series[str]:
    known = {label_spelling(raw): end for raw, end in section.outcomes.items()}
    named = {end: end for end in ENDS} | known
    if isinstance(section.outcome, Constant):
        end = named.get(label_spelling(section.outcome.constant))
        if end is None:
            raise _unknown_ends(columns.raw.name, [section.outcome.constant])
        return pd.Series(end, index=columns.raw.cells.index, dtype="str")
    column = section.outcome or ""
    texts = as_text(columns.cells(column, key="outcome"))
    remedy = "Fill it in, or remove the row: a lead that is still open has no outcome."
    columns.refuse(texts.isna().to_numpy(), column, texts, expected="an outcome", remedy=remedy)
    distinct = texts.dropna().unique()
    ends = {text: named.get(label_spelling(text)) for text in distinct}
    unknown = [text for text, end in ends.items() if end is None]
    if unknown:
        raise _unknown_ends(f"{columns.raw.name}, column {column}", unknown)
    return texts.map(ends).astype("str")


def _unknown_ends(said_of: str, unknown: list[str]) -> InputError:
    found = ", ".join(repr(text) for text in unknown[:20]) + (", ..." if len(unknown) > 20 else "")
    remedy = f'Say what each means in leadlens.toml: [outcomes.outcomes] "{unknown[0]}" = "lost"'
    return InputError(Fault(said_of, "won, lost or disqualified", found, remedy))
