"""The first step of a preparation: sources become canonical rows in parts, as they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Fault, InputError
from features.hashing import lead_hashes
from features.prepared import layout
from features.prepared.arrow import arrow_table
from features.prepared.column_types import ColumnTypes, restored
from features.reading.company_files import newest_time_in
from features.reading.notes import added_up
from features.reading.raw_tables import nameless_note
from features.reading.rejects import Rejects

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable

LABEL_CELL = "label_cell"
_PLAIN = frozenset({"lead_id", "created_at", "occurred_at", "known_at", "changed_at", "event_id", LABEL_CELL})


@dataclass(slots=True)
class Gathered:
    """A table in parts on disk, in the order of its file, and what is known of the whole.

    Columns stand on disk under the names of `stored`, because DuckDB cannot tell 'Town' from 'town'; beside
    them are `row` (its number in the file) and `hash` (of its lead).
    """

    name: str
    folder: Path
    said_of: str = ""
    rows: int = 0
    bad_rows: int = 0
    rejects: Rejects = field(default_factory=lambda: Rejects(""))
    types: ColumnTypes = field(default_factory=ColumnTypes)
    newest: pd.Timestamp | None = None
    notes: tuple[str, ...] = ()
    named_types: set[str] = field(default_factory=set)
    nameless: dict[str, bool] = field(default_factory=dict)
    parts: int = 0

    @property
    def stored(self) -> dict[str, str]:
        """The name on disk of each column that is kept."""
        left_out = {name for name, has_values in self.nameless.items() if not has_values}
        return {name: stored for name, stored in self._names().items() if name not in left_out}

    def part_names(self) -> list[Path]:
        """Return the parts on disk, in the order of the file."""
        return [self.folder / f"{part:06}.parquet" for part in range(self.parts)]

    def frame_of(self, read: pd.DataFrame, names: Iterable[str] | None = None) -> pd.DataFrame:
        """Return rows as they are on disk with their columns' own names and types, and their `layout.ROW`.

        With `names`, of these columns alone.
        """
        nothing = pd.Series([None] * len(read), index=read.index, dtype=object)
        stored = self.stored
        columns = {
            name: restored(read.get(stored[name], nothing), self.types.of(name))
            for name in (stored if names is None else names)
        }
        return pd.DataFrame(columns, index=read.index).assign(**{layout.ROW: read["row"]})

    def add(self, raw: RawTable, read: ReadTable, label_cells: pd.Series[Any] | None) -> Rejects:
        """Write a part, take note of what it tells about the whole, and return its bad rows."""
        frame = read.frame
        if label_cells is not None:
            frame = frame.assign(**{LABEL_CELL: label_cells.loc[list(read.rows)].to_numpy()})
            frame[LABEL_CELL] = frame[LABEL_CELL].astype(label_cells.dtype)
        self.said_of = self.rejects.said_of = raw.name
        self.types.add(frame)
        self.rows += len(frame)
        self.bad_rows += len(read.rejects.rows)
        self.rejects.add_start_of(read.rejects)
        self.newest = max(
            (time for time in (self.newest, newest_time_in(frame)) if time is not None), default=None
        )
        self.notes = added_up((*self.notes, *read.notes))
        for name, has_values in raw.nameless.items():
            self.nameless[name] = self.nameless.get(name, False) or has_values
        if "type" in frame and isinstance(frame["type"].dtype, pd.CategoricalDtype):
            self.named_types |= set(frame["type"].cat.categories)
        self._write(frame, read.rows)
        return read.rejects

    def all_notes(self) -> tuple[str, ...]:
        """Return the notes of all parts, and what became of columns without a name."""
        nameless = (nameless_note(self.said_of, name, has_values=has) for name, has in self.nameless.items())
        return (*self.notes, *nameless)

    def _names(self) -> dict[str, str]:
        return {name: name if name in _PLAIN else f"own{at}" for at, name in enumerate(self.types.names)}

    def _write(self, frame: pd.DataFrame, rows: np.ndarray) -> None:
        # What is empty in this part has no type of its own: without it, the other parts' types stand.
        names = {name: stored for name, stored in self._names().items() if not _is_empty(frame[name])}
        own = {"row": np.asarray(rows, np.int64), "hash": lead_hashes(frame["lead_id"])}
        try:
            table = arrow_table(frame, names)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as problem:
            remedy = "Turn them into one kind, for example with CAST in the query."
            found = " ".join(str(problem).split())[:200]
            raise InputError(
                Fault(self.said_of, "one kind of values in a column", found, remedy)
            ) from problem
        for name, values in own.items():
            table = table.append_column(name, pa.array(values))
        self.folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, self.folder / f"{self.parts:06}.parquet")
        self.parts += 1


def _is_empty(column: pd.Series[Any]) -> bool:
    loose = column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype)
    return loose and not column.notna().any()
