"""Events: from a raw table to the canonical one."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import cell_rules, distinct_cells
from features.errors import Fault, InputError
from features.mapping import Constant, Events
from features.pages import DETAILS, PROPERTIES, detail_from, detail_of, is_buying_signal
from features.reading.notes import Count, literal
from features.reading.raw_columns import RawColumns, ReadTable, as_text
from features.tables import EVENTS
from features.times import TimeRules
from features.vocabulary import BUYING_SIGNAL, TOUCH_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable


def events_of(raw: RawTable, mapping: Mapping) -> ReadTable:
    """Return the canonical events, in the file's order; of those with one `event_id`, the one known first.

    Rows are read as in `event_rows`; types and touches of the mapping that no event has are said in notes.
    """
    read = event_rows(raw, mapping)
    names = unused_names(mapping, set(read.frame["type"].cat.categories), raw.name)
    read = replace(read, notes=(*read.notes, *names))
    return _without_repeats(read) if mapping.events and mapping.events.event_id else read


def event_rows(raw: RawTable, mapping: Mapping) -> ReadTable:
    """Return the canonical events of a table or of a part of one, repeats of an `event_id` among them.

    A row without lead, time or type is a bad row. Types are named as `events.types` says; `is_touch`
    marks those in `events.touches` (names after that) and the vocabulary's touches. The detail is taken from
    the columns among the `properties` that bear the names of standard properties, or from the members of
    their only column, if that holds JSON objects; see `features.pages`.
    """
    section = mapping.events or Events(
        path=raw.name, lead_id="lead_id", occurred_at="occurred_at", type="type"
    )
    columns = RawColumns(raw, "events")
    rules = TimeRules(section.time_format, mapping.training.time_zone)
    occurred = columns.times(section.occurred_at, rules, key="occurred_at", day_end=True)
    types = _types(columns, section)
    numbers = cell_rules(decimal=mapping.leads.decimal)
    index = raw.cells.index
    frame = pd.DataFrame(
        {
            "lead_id": columns.ids(section.lead_id, key="lead_id"),
            "occurred_at": occurred,
            "known_at": _known_at(columns, section, rules, occurred),
            "type": types,
            "detail": _details(columns, section),
            "is_touch": types.isin([*section.touches, *TOUCH_TYPES]),
            "value": columns.numbers(section.value, numbers, key="value") if section.value else np.nan,
            "event_id": (
                as_text(columns.cells(section.event_id, key="event_id"))
                if section.event_id
                else pd.Series(None, index=index, dtype="str")
            ),
        },
        index=index,
    )
    return columns.finished(frame.astype({"value": "float64"}), EVENTS)


def unused_names(mapping: Mapping, named: set[str], said_of: str) -> list[str]:
    """Say which types and touches of the mapping are not among the types that were `named`."""
    if mapping.events is None:
        return []
    notes = []
    unknown = [touch for touch in mapping.events.touches if touch not in named]
    if unknown:
        notes.append(f"{said_of}: no event has the touch types {', '.join(unknown)}")
    unused = sorted(set(mapping.events.types.values()) - named)
    if unused:
        notes.append(f"{said_of}: no event has the mapped types {', '.join(unused)}")
    return notes


def _types(columns: RawColumns, section: Events) -> pd.Series[Any]:
    index = columns.raw.cells.index
    if isinstance(section.type, Constant):
        name = section.types.get(section.type.constant, section.type.constant)
        same = np.zeros(len(index), dtype=np.int8)
        return pd.Series(pd.Categorical.from_codes(same, pd.Index([name], dtype="str")), index=index)
    texts = as_text(columns.cells(section.type, key="type"))
    remedy = "Fill it in, or correct events.type in the mapping."
    columns.refuse(texts.isna().to_numpy(), section.type, texts, expected="a type", remedy=remedy)
    codes, distinct = pd.factorize(texts)
    named = [section.types.get(str(text), str(text)) for text in distinct]
    again, names = pd.factorize(pd.Index(named, dtype="str"))
    merged = np.append(again, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(merged, pd.Index(names, dtype="str")), index=index)


def _known_at(
    columns: RawColumns, section: Events, rules: TimeRules, occurred: pd.Series[pd.Timestamp]
) -> pd.Series[pd.Timestamp]:
    if section.known_at is None:
        return occurred
    known = columns.times(section.known_at, rules, key="known_at", day_end=True, required=False)
    return known.fillna(occurred)


def _details(columns: RawColumns, section: Events) -> pd.Series[Any]:
    columns.require(section.properties, key="properties")
    other = [name for name in section.properties if name not in PROPERTIES]
    if other and len(section.properties) > 1:
        remedy = "Name the column so, or give one column of JSON objects."
        expected = f"columns called {', '.join(PROPERTIES)}"
        raise InputError(Fault("the mapping, events.properties", expected, repr(other[0]), remedy))
    named = [name for name in DETAILS if name in section.properties]
    index = columns.raw.cells.index
    details = pd.Series(None, index=index, dtype="str")
    if named or BUYING_SIGNAL in section.properties:
        for name in named:
            details = details.fillna(_mapped(columns.raw.cells[name], partial(detail_from, name)))
        if BUYING_SIGNAL in section.properties:
            signals = _mapped(columns.raw.cells[BUYING_SIGNAL], _signal)
            details = signals.fillna(details)
    elif len(section.properties) == 1:
        details = _details_of_objects(columns, section.properties[0])
    return details.astype("category")


def _mapped(cells: pd.Series[Any], detail: Callable[[Any], str | None]) -> pd.Series[str]:
    """Return what each cell gives, asked once for each distinct one."""
    codes, distinct = distinct_cells(cells)
    found = pd.Series([*map(detail, distinct), None], dtype="str")
    return found.iloc[codes].set_axis(cells.index)


def _signal(cell: Any) -> str | None:
    return BUYING_SIGNAL if is_buying_signal(cell) else None


def _details_of_objects(columns: RawColumns, column: str) -> pd.Series[str]:
    """Return what JSON objects say an event was about; text that is no JSON object is a bad row."""
    cells = columns.raw.cells[column]
    if not isinstance(cells.dtype, pd.StringDtype):
        found = [detail_of(cell) if isinstance(cell, dict) else None for cell in cells]
        return pd.Series(found, index=cells.index, dtype="str")
    codes, distinct = pd.factorize(cells)
    parsed = [_detail(str(text)) for text in distinct]
    wrong = np.append(np.array([is_wrong for _, is_wrong in parsed], dtype=bool), False)[codes]
    columns.refuse(
        wrong, column, cells, expected="a JSON object", remedy="Fix the row, or events.properties."
    )
    details = pd.Series([*(detail for detail, _ in parsed), None], dtype="str")
    return details.iloc[codes].set_axis(cells.index)


def _detail(text: str) -> tuple[str | None, bool]:
    try:
        content = json.loads(text)
    except ValueError:
        return None, True
    return (detail_of(content), False) if isinstance(content, dict) else (None, True)


def _without_repeats(read: ReadTable) -> ReadTable:
    visible_at = read.frame[["occurred_at", "known_at"]].max(axis=1)
    order = np.lexsort((read.frame["occurred_at"].to_numpy(), visible_at.to_numpy()))
    ids = read.frame["event_id"].iloc[order]
    repeated = np.zeros(len(order), dtype=bool)
    repeated[order] = (ids.duplicated() & ids.notna()).to_numpy()
    if not repeated.any():
        return read
    frame = read.frame[~repeated].reset_index(drop=True)
    note = repeats_note(read.rejects.said_of, int(repeated.sum()))
    return ReadTable(frame, read.rows[~repeated], read.rejects, (*read.notes, note))


def repeats_note(said_of: str, count: int) -> Count:
    """Say how many rows were left out because they repeat an event id."""
    return Count(f"{literal(said_of)}: {{:,}} rows repeat an event id; the one known first counts", count)
