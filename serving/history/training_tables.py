"""The five tables out of the store, for whoever learns from them: raw rows, read on by the code of files."""

from __future__ import annotations

import json
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from features.errors import Fault, InputError
from features.mapping import Accounts, Changes, Events, Leads, Mapping, Outcomes
from features.reading import read_tables
from features.reading.raw_tables import RawTable
from features.reading.rejects import Rejects
from features.stored_mapping import CHANGES, EVENTS, OUTCOMES, STORE
from serving.history.cell_columns import CellColumns, typed
from serving.history.late_answers import late_answers
from serving.store.database import to_json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from features.mapping import Source
    from features.tables import Tables
    from serving.store.database import Store

PART_ROWS = 50_000
"""So many rows are taken from the database at a time."""

_TIMES = frozenset({"created_at", "occurred_at", "known_at", "changed_at", "known_from"})


def stored_tables(store: Store, mapping: Mapping, answers: frozenset[str] = frozenset()) -> Tables:
    """Return what the store holds, all of one moment, as `mapping` (`leads.source = "store"`) understands it.

    `answers` are plain names of columns that answer questions of the policy: what they held after a lead was
    qualified is left out, as it is for scores; see `serving.history.late_answers`.

    Raises InputError where there are no leads yet, where the mapping names columns that no lead has, and as
    `read_tables` does.
    """
    if not mapping.is_stored:
        raise InputError(Fault("the mapping, leads", 'source = "store"', "files", "Add it."))
    with store.snapshot() as connection:
        rows = _StoredRows(connection, mapping, answers)
        return read_tables(_in_canonical_names(mapping), Path(), read=rows)


def _in_canonical_names(mapping: Mapping) -> Mapping:
    """Return the mapping as the store's rows are named: what it names otherwise, only requests name so."""
    update: dict[str, Any] = {}
    if mapping.events:
        own: dict[str, Any] = {"types": mapping.events.types, "touches": mapping.events.touches}
        update["events"] = Events(source=STORE, properties=("properties",), **EVENTS, **own)
    if mapping.changes:
        update["changes"] = Changes(source=STORE, **CHANGES)
    if mapping.outcomes and mapping.outcomes.kind == "table":
        update["outcomes"] = Outcomes(source=STORE, **OUTCOMES)
    return mapping.model_copy(update=update)


class _StoredRows:
    """Reads what a section names, in the order in which it came into the store."""

    def __init__(self, connection: Connection, mapping: Mapping, answers: frozenset[str]) -> None:
        self._connection = connection
        self._mapping = mapping
        self._late = late_answers(connection, answers)

    def __call__(self, source: Source, folder: Path) -> RawTable:  # noqa: ARG002 - as whoever reads files is asked
        """Return the rows of a section's table; the folder is no matter."""
        if isinstance(source, Leads):
            return self._leads(source)
        if isinstance(source, Accounts):
            return self._accounts(source)
        names, view = {Events: (EVENTS, "events"), Changes: (CHANGES, "changes")}.get(
            type(source), (OUTCOMES, "outcomes")
        )
        wanted = [*names, "properties"] if view == "events" else list(names)
        return self._rows(view, wanted)

    def _leads(self, leads: Leads) -> RawTable:
        # With a history of changes a lead begins with what is undated; without, what stands now is all.
        held = "undated" if self._mapping.changes else "cells"
        numbers: list[int] = []
        own: dict[str, list[Any]] = {"lead_id": [], "created_at": []}
        cells = CellColumns()
        for part in self._parts("leads", ["number", "lead_id", "created_at", held]):
            numbers += part[0]
            own["lead_id"] += part[1]
            own["created_at"] += part[2]
            cells.add(part[3] if self._mapping.changes else self._as_qualified(part[0], part[3]))
        changed = self._changed_columns() if self._mapping.changes else []
        if not numbers:
            remedy = "Bring them in with: leadlens import, or send them to PUT /v1/leads."
            raise InputError(Fault("the store", "leads", "none yet", remedy))
        columns = {leads.id: typed(own["lead_id"])}
        if leads.created_at is not None:
            columns[leads.created_at] = _times(own["created_at"])
        others = {name: column for name, column in cells.named(changed).items() if name not in columns}
        return _raw("leads", columns | others, numbers)

    def _accounts(self, section: Accounts) -> RawTable:
        place = next(at for at, own in enumerate(self._mapping.accounts) if own is section)
        numbers: list[int] = []
        keys: list[Any] = []
        since: list[Any] = []
        cells = CellColumns()
        for part in self._parts("accounts", ["number", "key", "known_from", "cells"], place=place):
            numbers += part[0]
            keys += part[1]
            since += part[2]
            cells.add(part[3])
        columns = {section.key: typed(keys)}
        if section.known_from is not None:
            columns[section.known_from] = _times(since)
        others = {name: column for name, column in cells.named().items() if name not in columns}
        return _raw("accounts", columns | others, numbers)

    def _rows(self, view: str, names: list[str]) -> RawTable:
        numbers: list[int] = []
        parts: dict[str, list[pd.Series[Any]]] = {name: [] for name in names}
        for part in self._parts(view, ["number", *names]):
            kept = self._kept(part) if view == "changes" else part
            numbers += kept[0]
            for name, cells in zip(names, kept[1:], strict=True):
                parts[name].append(_column(view, name, cells))
        columns = {
            name: pd.concat(held, ignore_index=True) if held else _column(view, name, [])
            for name, held in parts.items()
        }
        return _raw(view, columns, numbers)

    def _kept(self, part: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """Return the changes that are no late answers."""
        late = self._late.changes
        if late.isdisjoint(part[0]):
            return part
        here = [number not in late for number in part[0]]
        return [list(compress(cells, here)) for cells in part]

    def _as_qualified(self, numbers: Sequence[int], cells: Sequence[str]) -> list[str]:
        """Return the cells of leads, as JSON, without late answers: all that is known is what stands now."""
        found = list(cells)
        for at, number in enumerate(numbers):
            if number in self._late.before:
                since = self._late.since[number] + 1
                found[at] = to_json_text(self._late.cells(number, json.loads(found[at]), since))
        return found

    def _changed_columns(self) -> list[str]:
        asked = sa.text('SELECT "column" FROM training_changes GROUP BY "column" ORDER BY min(number)')
        return list(self._connection.execute(asked).scalars())

    def _parts(
        self, view: str, names: Sequence[str], *, place: int | None = None
    ) -> Iterator[list[Sequence[Any]]]:
        """Return the rows of a view by number, as lists a column, JSON as its text."""
        picked = ", ".join(
            f'CAST("{name}" AS TEXT)' if name in {"undated", "cells", "properties"} or _is_cell(view, name)
            else f'"{name}"'
            for name in names
        )  # fmt: skip
        where = "" if place is None else f" WHERE place = {int(place)}"
        streamed = self._connection.execution_options(stream_results=True, max_row_buffer=PART_ROWS)
        rows = streamed.execute(sa.text(f"SELECT {picked} FROM training_{view}{where} ORDER BY number"))  # noqa: S608 - names of our own
        for part in rows.partitions(PART_ROWS):
            yield list(zip(*part, strict=True))


def _is_cell(view: str, name: str) -> bool:
    return view == "changes" and name == "value"


def _column(view: str, name: str, cells: Sequence[Any]) -> pd.Series[Any]:
    if name in _TIMES:
        return _times(cells)
    if _is_cell(view, name):
        held: dict[str | None, Any] = {text: json.loads(text) for text in set(cells) if text is not None}
        return pd.Series([held.get(text) for text in cells], dtype=object)
    if name == "value":
        return pd.Series(cells, dtype="float64")
    return pd.Series(pd.array(list(cells), dtype="str"))


def _times(us: Sequence[int | None]) -> pd.Series[Any]:
    known = np.asarray([np.iinfo(np.int64).min if moment is None else moment for moment in us], np.int64)
    return pd.Series(known.view("datetime64[us]")).dt.tz_localize("UTC")


def _raw(name: str, columns: dict[str, pd.Series[Any]], numbers: list[int]) -> RawTable:
    frame = pd.DataFrame(columns)
    frame.index = pd.Index(np.asarray(numbers, np.int64))
    said_of = f"the store's {name}"
    return RawTable(said_of, frame, Rejects(said_of))
