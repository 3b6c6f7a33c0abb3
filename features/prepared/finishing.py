"""The last step of a preparation: in each bucket the rules that need all rows of a lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.prepared import layout
from features.prepared.arrow import arrow_table
from features.prepared.column_types import ColumnTypes, restored
from features.prepared.gathering import LABEL_CELL, Gathered
from features.reading.labels import Labels, labels_of, open_note
from features.reading.notes import added_up
from features.reading.raw_columns import ReadTable
from features.reading.rejects import Rejects
from features.reading.settling import Settled, settle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from features.mapping import Mapping as CompanyMapping
    from features.prepared.sorting import Sorter


@dataclass(frozen=True, slots=True)
class LabelBook:
    """What each cell of the label column means, judged on the first rows of all leads."""

    cells: pd.Index[Any]
    labels: Labels
    notes: tuple[str, ...]

    def of(self, cells: pd.Series[Any]) -> Labels:
        """Return the labels of some of the cells."""
        at = self.cells.get_indexer(pd.Index(cells))
        return Labels(
            self.labels.values.iloc[at].set_axis(cells.index),
            self.labels.still_open.iloc[at].set_axis(cells.index),
        )


def label_book(leads: Gathered, mapping: CompanyMapping, sorter: Sorter) -> LabelBook | None:
    """Return the meaning of the label's cells; None where there is no label. Raises as `labels_of` does."""
    if mapping.outcomes is None or mapping.outcomes.label is None:
        return None
    counted = sorter.label_cells(leads, leads.stored[LABEL_CELL]).to_pandas()
    cells = restored(counted["cell"], leads.types.of(LABEL_CELL))
    labels = labels_of(cells, mapping.outcomes, leads.said_of)
    notes: tuple[str, ...] = ()
    if labels.still_open.any():
        counts = counted["rows"].set_axis(pd.Index(cells))[labels.still_open.to_numpy()]
        notes = (open_note(leads.said_of, counts),)
    return LabelBook(pd.Index(cells), labels, notes)


@dataclass(slots=True)
class Finisher:
    """Finishes buckets one after the other: reads the sorted rows, settles them, writes what counts."""

    gathered: Mapping[str, Gathered]
    mapping: CompanyMapping
    labels: LabelBook | None
    source: Path
    target: Path
    notes: tuple[str, ...] = ()
    _types: dict[str, ColumnTypes] = field(default_factory=dict)
    _sizes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def finish(self, bucket: int) -> None:
        """Write the bucket's tables, and count what was left out."""
        frames = {name: sorted_rows(table, self.source, bucket) for name, table in self.gathered.items()}
        rows = frames["leads"].pop(layout.ROW).to_numpy(np.int64)
        cells = frames["leads"].pop(LABEL_CELL) if self.labels else None
        everyone = ReadTable(frames.pop("leads"), rows, Rejects(self.gathered["leads"].said_of), ())
        if cells is not None:
            cells.index = pd.Index(rows)
        others = {name: frame.drop(columns=layout.ROW) for name, frame in frames.items()}
        settled = settle(everyone, others, self.mapping, lambda of: self._labels(cells, of))
        self.notes = added_up((*self.notes, *settled.notes))
        self._write("leads", _leads_with_rows(settled), bucket)
        for name, frame in settled.frames.items():
            self._write(name, frame, bucket)

    def tables(self) -> dict[str, layout.PreparedTable]:
        """Return what the manifest says of the tables, when all buckets are written."""
        return {
            name: layout.PreparedTable(
                columns={column: self._type_of(name, column) for column in types.names},
                rows=tuple(rows for rows, _ in self._sizes[name]),
                bytes=tuple(size for _, size in self._sizes[name]),
            )
            for name, types in self._types.items()
        }

    def _labels(self, cells: pd.Series[Any] | None, rows: NDArray[np.int64]) -> Labels | None:
        if cells is None or self.labels is None:
            return None
        return self.labels.of(cells.loc[list(rows)])

    def _type_of(self, name: str, column: str) -> str:
        """Return the type of a column in the whole: as it was read, or as the settling made it."""
        table = self.gathered.get(name)
        if table is not None and column in table.types.names:
            return table.types.of(column)
        return self._types[name].of(column)

    def _write(self, name: str, frame: pd.DataFrame, bucket: int) -> None:
        path = layout.bucket_file(self.target, name, bucket)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(arrow_table(frame), path)
        self._types.setdefault(name, ColumnTypes()).add(frame)
        self._sizes.setdefault(name, []).append((len(frame), path.stat().st_size))


def sorted_rows(table: Gathered, folder: Path, bucket: int) -> pd.DataFrame:
    """Return all rows of a bucket with their columns' own names and types, and their `layout.ROW`."""
    path = layout.bucket_file(folder, table.name, bucket)
    if path.exists():
        with pq.ParquetFile(path) as file:
            read = file.read().to_pandas()
    else:
        read = pd.DataFrame({"row": pd.Series(dtype="int64")})
    return table.frame_of(read)


def _leads_with_rows(settled: Settled) -> pd.DataFrame:
    frame = settled.leads.frame.assign(**{layout.ROW: settled.leads.rows})
    return frame if settled.label is None else frame.assign(**{layout.LABEL: settled.label})
