"""What the files of a score job may hold: looked at before they are read, for a small file can hold much."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.errors import Fault, InputError
from features.reading.delimiters import DELIMITERS
from serving.wire.values import COLUMN_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

LEAD_ROW_BYTES = 1_024
"""A lead takes about so much memory beside its cells: its scores and reasons."""

EVENT_ROW_BYTES = 128
BLOCK_BYTES = 1024 * 1024
BATCH_BYTES = 64 * 1024 * 1024
BATCH_ROWS = 16_384
NESTED_ROWS = 1_024


def check_size(leads: Path, events: Path | None, limit: int) -> None:
    """Raise InputError where the files hold more than `limit` bytes once decoded, or too many columns.

    A row of leads counts for a kibibyte more than its cells, one of events for 128 bytes. Of a CSV file
    every line counts as a row, and its size for the cells. What Parquet says of itself is not believed, for
    texts that repeat are kept once. So it is decoded, some rows of one column at a time, until the limit is
    passed; texts are counted, not repeated. What cannot be read at all passes: reading it says so.
    """
    held = check_file(leads, limit, row_bytes=LEAD_ROW_BYTES)
    if events is not None:
        check_file(events, limit, row_bytes=EVENT_ROW_BYTES, held=held)


def check_file(path: Path, limit: int, *, row_bytes: int = 0, held: int = 0) -> int:
    """Return what is held with this file, too, once decoded. Raises InputError as `check_size` does."""
    held += path.stat().st_size
    _check(path, held, limit)
    count = _decoded if _is_parquet(path) else _lines
    return count(path, row_bytes, held, limit)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _lines(path: Path, row_bytes: int, held: int, limit: int) -> int:
    """Return what is held with the lines of this file, too.

    A line within quotes counts as well: where a cell ends is not known before the file is read. It may end
    in a carriage return alone.
    """
    feeds = returns = 0
    with path.open("rb") as file:
        header = file.readline(BLOCK_BYTES)
        _check_columns(path, 1 + max(header.count(mark.encode()) for mark in DELIMITERS))
        file.seek(0)
        while block := file.read(BLOCK_BYTES):
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
            _check(path, held + max(feeds, returns) * row_bytes, limit)
    return held + max(feeds, returns) * row_bytes


def _decoded(path: Path, row_bytes: int, held: int, limit: int) -> int:
    """Return what is held with this file, too."""
    with suppress(pa.ArrowException, OSError), pq.ParquetFile(path) as plain:
        schema = plain.schema
        _check_columns(path, len(schema))
        columns = [schema.column(number) for number in range(len(schema))]
        _check(path, held + plain.metadata.num_rows * row_bytes + _said(plain.metadata), limit)
        texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            held += file.metadata.num_rows * row_bytes
            for column in columns:
                for batch in file.iter_batches(_rows_at_once(column), columns=[column.path]):
                    held += sum(_size(cells) for cells in batch.columns)
                    _check(path, held, limit)
    return held


def _said(metadata: pq.FileMetaData) -> int:
    """Return the least that the file needs by its own account: its pages, or a byte for each value."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(number) for group in groups for number in range(group.num_columns)]
    return sum(max(int(chunk.total_uncompressed_size), int(chunk.num_values)) for chunk in chunks)


def _rows_at_once(column: pq.ColumnSchema) -> int:
    """Return so many rows that a batch is small: a value of fixed length can be long, and a list too."""
    if column.max_repetition_level:
        return NESTED_ROWS
    return max(1, min(BATCH_ROWS, BATCH_BYTES // max(1, column.length or 0)))


def _size(cells: pa.Array) -> int:
    """Return how many bytes cells hold, each text counted as often as it stands there."""
    if isinstance(cells, pa.DictionaryArray):
        lengths = pc.fill_null(pc.binary_length(cells.dictionary), 0).cast(pa.int64())
        return int(pc.sum(lengths.take(cells.indices)).as_py() or 0) + int(cells.indices.nbytes)
    if isinstance(cells, (pa.ListArray, pa.LargeListArray, pa.MapArray)):
        return _size(cells.flatten()) + 4 * len(cells)
    if isinstance(cells, pa.StructArray):
        return sum(_size(cells.field(number)) for number in range(cells.type.num_fields))
    return int(cells.nbytes)


def _check_columns(path: Path, columns: int) -> None:
    """Raise InputError where there are too many: each takes milliseconds, however little is in it."""
    if columns > COLUMN_LIMIT:
        remedy = "Leave out those that the model does not use."
        raise InputError(Fault(path.name, f"at most {COLUMN_LIMIT:,} columns", f"{columns:,}", remedy))


def _check(path: Path, held: int, limit: int) -> None:
    if held > limit:
        remedy = "Send the leads in several files, or raise the setting job_decoded_limit_bytes."
        raise InputError(Fault(path.name, f"at most {limit} bytes, decoded", "more", remedy))
