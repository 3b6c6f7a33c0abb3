"""Generated tables to files, a part at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

Format: TypeAlias = Literal["parquet", "csv"]


@dataclass(frozen=True, slots=True)
class Written:
    """A table on disk."""

    path: Path
    rows: int


def write_parquet(path: Path, parts: Iterator[pa.Table]) -> Written:
    """Write the parts, at least one, to one file; Zstandard, dictionary columns stay dictionaries."""
    first = next(parts)
    rows = 0
    with pq.ParquetWriter(path, first.schema, compression="zstd", compression_level=1) as writer:
        for part in chain([first], parts):
            writer.write_table(part)
            rows += part.num_rows
    return Written(path, rows)


def write_csv(path: Path, parts: Iterator[pa.Table]) -> Written:
    """Write the parts, at least one, to one file in UTF-8 with a header.

    Text is quoted, a time reads 2025-01-06 08:00:00.000000Z, a missing value is empty.
    """
    first = _plain(next(parts))
    rows = 0
    with pa_csv.CSVWriter(path, first.schema) as writer:
        for part in chain([first], parts):
            writer.write_table(_plain(part))
            rows += part.num_rows
    return Written(path, rows)


def _plain(table: pa.Table) -> pa.Table:
    """Return the table with its dictionary columns as text, which is all that CSV knows."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
