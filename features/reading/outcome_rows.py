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
from features.reading.notes import Count, literal
from features.reading.raw_columns import RawColumns, ReadTable, as_text
from features.tables import OUTCOMES
from features.times import TimeRules

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable

ENDS = ("won", "lost", "disqualified")


def outcomes_of(raw: RawTable, mapping: Mapping) -> ReadTable:
    """Return the canonical outcomes. A row without lead, time or outcome is a bad row.

    Rows whose outcome the mapping calls 'open' are left out (they need no time) and counted; so are rows
    without a time of the file of leads itself, but for wins. Raises
    InputError, listing them, where outcomes are spelt in ways that the mapping does not know.
    """
    section = mapping.outcomes or Outcomes(label="")
    raw = _without_open(raw, mapping, section)
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


def _without_open(raw: RawTable, mapping: Mapping, section: Outcomes) -> RawTable:
    """Leave out the rows of leads that are not decided yet, and count them.

    In the file of leads itself most rows have no outcome: those without a time whose outcome is missing, the
    same in every row, or not a win are left out too. A win needs its time.
    """
    columns = RawColumns(raw, "outcomes")
    spelled = None
    is_open = is_late = np.zeros(len(raw.cells), dtype=bool)
    if isinstance(section.outcome, str):
        spelled = columns.cells(section.outcome, key="outcome").map(label_spelling)
        is_open = spelled.isin(_spellings(section, "open")).to_numpy()
    if section.path is not None and section.path == mapping.leads.path:
        timeless = columns.cells(section.occurred_at or "", key="occurred_at").map(label_spelling).isna()
        missing = timeless.to_numpy() & (True if spelled is None else spelled.isna().to_numpy())
        is_open = is_open | missing
        if spelled is not None:
            known = spelled.isin(_spellings(section, "lost") | _spellings(section, "disqualified"))
            is_late = timeless.to_numpy() & known.to_numpy() & ~is_open
    notes = list(raw.notes)
    if is_open.any():
        said = "{:,} rows of leads that are still open left out"
        notes.append(Count(f"{literal(raw.name)}: {said}", is_open.sum()))
    if is_late.any():
        said = "{:,} lost leads have no time of it: they count as open, and are never won"
        notes.append(Count(f"{literal(raw.name)}: {said}", is_late.sum()))
    return replace(raw, cells=raw.cells[~(is_open | is_late)], notes=tuple(notes))


def _spellings(section: Outcomes, end: str) -> set[str | None]:
    """Return the spellings that mean `end`."""
    said = {label_spelling(text) for text, meant in section.outcomes.items() if meant == end}
    contradicted = {label_spelling(text) for text, meant in section.outcomes.items() if meant != end}
    return said | (({end} if end in ENDS else set()) - contradicted)


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
    remedy = f'Say what each means in the mapping: [outcomes.outcomes] "{unknown[0]}" = "lost"'
    return InputError(Fault(said_of, "won, lost or disqualified", found, remedy))
