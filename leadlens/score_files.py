"""Files of scores: written while the rows come, and there only when they are whole."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from leadlens.score_columns import COLUMNS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

WRITTEN_ROWS = 65_536
"""So many rows are written at once; they are a row group of Parquet."""


def write_scores(batches: Iterable[pa.RecordBatch], out: Path) -> int:
    """Write rows as CSV or Parquet, by the ending of `out`, and return how many there were.

    The bytes depend on the rows alone, not on how they are in batches. Nobody sees half a file, and a failure
    leaves none.
    """
    rows = 0
    with whole_file(out) as partial, _writer(partial, is_parquet=out.suffix.lower() == ".parquet") as write:
        for table in _evenly(batches):
            write(table)
            rows += table.num_rows
    return rows


def write_table(rows: pd.DataFrame, out: Path) -> None:
    """Write a table of pandas as CSV, in one step."""
    with whole_file(out) as partial:
        rows.to_csv(partial, index=False)


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Give the path of a file beside `out` that takes its place when all went well, and else is removed."""
    partial = out.with_name(f".{out.name}.part")
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def _evenly(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Return the same rows in tables of WRITTEN_ROWS, the last one with what is left: at least one table."""
    held, rows, given = [], 0, False
    for batch in batches:
        held.append(batch.select(COLUMNS))
        rows += len(batch)
        if rows < WRITTEN_ROWS:
            continue
        together = pa.Table.from_batches(held)
        whole = rows - rows % WRITTEN_ROWS
        for start in range(0, whole, WRITTEN_ROWS):
            yield together.slice(start, WRITTEN_ROWS).combine_chunks()
        held, rows, given = together.slice(whole).to_batches(), rows - whole, True
    if rows or not given:
        yield pa.Table.from_batches(held, None if held else SCHEMA).combine_chunks()


@contextmanager
def _writer(path: Path, *, is_parquet: bool) -> Iterator[Any]:
    if is_parquet:
        with pq.ParquetWriter(path, SCHEMA) as writer:
            yield lambda table: writer.write_table(table.cast(SCHEMA), row_group_size=WRITTEN_ROWS)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        is_first = True

        def write(table: pa.Table) -> None:
            nonlocal is_first
            table.cast(SCHEMA).to_pandas().to_csv(file, index=False, header=is_first)
            is_first = False

        yield write
