"""One file, or one query, as a table of raw cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Fault, InputError
from features.reading.csv_files import read_csv_file
from features.reading.databases import read_query
from features.reading.encodings import encoding_of
from features.reading.raw_tables import RawTable
from features.reading.rejects import Rejects

if TYPE_CHECKING:
    from pathlib import Path

    from features.mapping import Source


def read_source(source: Source, folder: Path) -> RawTable:
    """Read what a section of the mapping names; paths are relative to `folder`.

    Raises InputError where there is no readable table (rows with a wrong number of cells are rejects,
    not errors).
    """
    if source.url and source.query:
        cells = read_query(source.url, source.query)
        return RawTable("query", _numbered(cells), Rejects("query"))
    if source.path is None:
        raise InputError(Fault("the mapping", "a path, or url and query", "neither", "Add one."))
    return read_file(folder / source.path, encoding=source.encoding, delimiter=source.delimiter)


def read_file(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    usual_encoding: str | None = None,
) -> RawTable:
    """Read a CSV or Parquet file. What is not given is detected. Raises InputError."""
    if not path.exists():
        raise InputError(
            Fault(str(path), "a file", "no such file", "Correct the path, or give --data FOLDER.")
        )
    if path.is_dir():
        raise InputError(Fault(str(path), "a file", "a folder", "Name the file in it."))
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        return _read_parquet(path)
    if not start:
        raise InputError(Fault(path.name, "a header row", "an empty file", "Export the table again."))
    return read_csv_file(path, encoding or encoding_of(path, usual_encoding), delimiter)


def _read_parquet(path: Path) -> RawTable:
    try:
        cells = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as problem:
        remedy = "Write the file again."
        raise InputError(Fault(path.name, "a Parquet file", str(problem)[:200], remedy)) from problem
    return RawTable(path.name, _numbered(cells), Rejects(path.name))


def _numbered(cells: pd.DataFrame) -> pd.DataFrame:
    """Trim text, make empty text missing, and count rows from 1."""
    cells = cells.reset_index(drop=True)
    cells.columns = [str(name).strip() for name in cells.columns]
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return cells.apply(_trimmed) if len(cells.columns) else cells


def _trimmed(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.StringDtype):
        stripped = column.str.strip()
        return stripped.mask(stripped == "")
    if column.dtype == object:
        return column.map(lambda cell: (cell.strip() or None) if isinstance(cell, str) else cell)
    return column
