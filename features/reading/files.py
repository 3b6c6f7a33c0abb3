"""One file, or one query, as a table of raw cells: whole, or bit by bit."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Fault, InputError
from features.reading.csv_files import csv_parts, read_csv_file
from features.reading.encodings import encoding_of
from features.reading.raw_tables import RawTable
from features.reading.rejects import Rejects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from features.mapping import Source

PART_ROWS = 250_000
"""So many rows of a Parquet file or a query are a part."""


def read_source(source: Source, folder: Path) -> RawTable:
    """Read what a section of the mapping names; paths are relative to `folder`.

    Raises InputError where there is no readable table (rows with a wrong number of cells are rejects,
    not errors).
    """
    if source.url and source.query:
        from features.reading.databases import read_query  # noqa: PLC0415 - with SQLAlchemy, only where a database is read

        cells = read_query(source.url, source.query)
        return RawTable("query", _numbered(cells), Rejects("query"))
    if source.path is None:
        raise _no_file(source)
    return read_file(folder / source.path, encoding=source.encoding, delimiter=source.delimiter)


def read_file(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    usual_encoding: str | None = None,
) -> RawTable:
    """Read a CSV or Parquet file. What is not given is detected. Raises InputError."""
    if _is_parquet(path):
        return _read_parquet(path)
    return read_csv_file(path, encoding or encoding_of(path, usual_encoding), delimiter)


def source_parts(source: Source, folder: Path) -> Iterator[RawTable]:
    """Read what `read_source` reads bit by bit, in order: at least one part, each small enough for memory.

    Rows keep the numbers that they have in the whole. A column of a Parquet file or a query can be typed
    in one part as it is in the whole, in another as its missing cells demand. Raises as `read_source` does,
    at the part in which the fault is.
    """
    if source.url and source.query:
        from features.reading.databases import query_parts  # noqa: PLC0415 - with SQLAlchemy, only where a database is read

        yield from _numbered_parts(query_parts(source.url, source.query, PART_ROWS), "query")
        return
    if source.path is None:
        raise _no_file(source)
    path = folder / source.path
    if _is_parquet(path):
        yield from _numbered_parts(_parquet_parts(path), path.name)
    else:
        yield from csv_parts(path, source.encoding or encoding_of(path), source.delimiter)


def file_parts(path: Path, *, usual_encoding: str | None = None) -> Iterator[RawTable]:
    """Read what `read_file` reads bit by bit, as `source_parts` does; encoding and delimiter are detected."""
    if _is_parquet(path):
        yield from _numbered_parts(_parquet_parts(path), path.name)
    else:
        yield from csv_parts(path, encoding_of(path, usual_encoding), None)


def _no_file(source: Source) -> InputError:
    if source.source:
        remedy = "The store is read by: leadlens train, audit and evaluate."
        return InputError(Fault("the mapping", "files, or a database", 'source = "store"', remedy))
    return InputError(Fault("the mapping", "a path, or url and query", "neither", "Add one."))


def _is_parquet(path: Path) -> bool:
    """Tell Parquet from CSV. Raises InputError where there is no file, or nothing in it."""
    if not path.exists():
        raise InputError(
            Fault(str(path), "a file", "no such file", "Correct the path, or give --data FOLDER.")
        )
    if path.is_dir():
        raise InputError(Fault(str(path), "a file", "a folder", "Name the file in it."))
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise InputError(Fault(path.name, "a header row", "an empty file", "Export the table again."))
    return start == b"PAR1"


def _read_parquet(path: Path) -> RawTable:
    with _parquet_in_words(path):
        cells = pq.read_table(path).to_pandas()
    return RawTable(path.name, _numbered(cells), Rejects(path.name))


def _parquet_parts(path: Path) -> Iterator[pd.DataFrame]:
    with _parquet_in_words(path), pq.ParquetFile(path) as file:
        if not file.metadata.num_rows:
            yield file.schema_arrow.empty_table().to_pandas()
        for batch in file.iter_batches(batch_size=PART_ROWS):
            yield pa.Table.from_batches([batch]).to_pandas()


@contextmanager
def _parquet_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as problem:
        found = str(problem).replace(str(path), path.name)  # where a server keeps it is nobody's business
        remedy = "Write the file again."
        raise InputError(Fault(path.name, "a Parquet file", found[:200], remedy)) from problem


def _numbered_parts(parts: Iterable[pd.DataFrame], name: str) -> Iterator[RawTable]:
    first = 1
    for cells in parts:
        yield RawTable(name, _numbered(cells, first), Rejects(name))
        first += len(cells)


def _numbered(cells: pd.DataFrame, first: int = 1) -> pd.DataFrame:
    """Trim text, make empty text missing, and count rows from `first`."""
    cells = cells.reset_index(drop=True)
    cells.columns = [str(name).strip() for name in cells.columns]
    cells.index = pd.RangeIndex(first, first + len(cells))
    return cells.apply(_trimmed) if len(cells.columns) else cells


def _trimmed(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.StringDtype):
        stripped = column.str.strip()
        return stripped.mask(stripped == "")
    if column.dtype == object:
        return column.map(lambda cell: (cell.strip() or None) if isinstance(cell, str) else cell)
    return column
