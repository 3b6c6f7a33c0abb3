"""The second step of a preparation: rows in any order become buckets sorted by lead and time, on disk.

Queries are put together from names of our own and an escaped path: no cell and no column is in them.
"""
# ruff: noqa: S608 - for that reason

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.durations import DAY_US
from features.errors import Fault, InputError
from features.hashing import lead_hashes
from features.prepared.layout import bucket_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from features.prepared.gathering import Gathered

_STREAMED_ROWS = 100_000
_TIMES = {"events": "occurred_at", "changes": "changed_at", "outcomes": "occurred_at"}


@contextmanager
def sorter(memory_limit: str, spill: Path) -> Iterator[Sorter]:
    """Give a sorter that keeps to `memory_limit` ('2GB', as DuckDB writes it) and spills into a folder.

    Raises InputError where the limit is no size, or the work does not fit into it or onto the disk.
    """
    try:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
        }
        with duckdb.connect(config=config) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")  # it would go to standard output
            yield Sorter(connection)
    except (duckdb.ParserException, duckdb.InvalidInputException, duckdb.ConversionException) as problem:
        fault = Fault("--memory-limit", "a size such as 2GB", repr(memory_limit))
        raise InputError(fault) from problem
    except duckdb.OutOfMemoryException as problem:
        remedy = "Give more with --memory-limit, or free space on the disk that --out is on."
        found = f"no more room ({_first_line(problem)})"
        raise InputError(Fault("sorting", f"to do with {memory_limit}", found, remedy)) from problem
    except duckdb.IOException as problem:
        remedy = f"Free space on the disk of {spill.parent.parent}, and run it again."
        raise InputError(Fault("sorting", "room on the disk", _first_line(problem), remedy)) from problem


class Sorter:
    """DuckDB, for what it does better than anything here: sorting more than fits into memory."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._has_aliases = False

    def count_repeats(self, events: Gathered) -> int:
        """Find the events that repeat an id, count them, and leave them out of what is sorted later.

        The one that was visible first counts; at one time the one that occurred first, then the first in
        the file. Ids are compared over all leads: by a hash first, which needs little memory.
        """
        if "event_id" not in events.types.names or not events.types.has_values("event_id"):
            return 0
        run, parts = self._connection.execute, _parts(events.folder)
        run(
            "CREATE OR REPLACE TEMP TABLE likely AS SELECT hash(event_id) AS h "
            f"FROM {parts} WHERE event_id IS NOT NULL GROUP BY h HAVING count(*) > 1"
        )
        run(
            "CREATE OR REPLACE TEMP TABLE repeats AS SELECT row FROM (SELECT row, row_number() OVER "
            "(PARTITION BY event_id ORDER BY greatest(occurred_at, known_at), occurred_at, row) AS place "
            f"FROM {parts} WHERE event_id IS NOT NULL AND hash(event_id) IN (FROM likely)) WHERE place > 1"
        )
        [(repeats,)] = run("SELECT count(*) FROM repeats").fetchall()
        return int(repeats)

    def newest(self, events: Gathered) -> pd.Timestamp | None:
        """Return the newest time of the events that are no repeats."""
        [(newest,)] = self._connection.execute(
            "SELECT epoch_us(greatest(max(occurred_at), max(known_at))) "
            f"FROM {_parts(events.folder)} ANTI JOIN repeats USING (row)"
        ).fetchall()
        return None if newest is None else pd.Timestamp(newest, unit="us", tz="UTC")

    def last(self, table: Gathered, column: str, *, leave_out: bool = False) -> pd.Timestamp | None:
        """Return the newest of a column of times, None where there is none.

        With `leave_out`, without the repeats that were counted last.
        """
        without = "ANTI JOIN repeats USING (row)" if leave_out else ""
        [(last,)] = self._connection.execute(
            f"SELECT epoch_us(max({column})) FROM {_parts(table.folder)} {without}"
        ).fetchall()
        return None if last is None else pd.Timestamp(last, unit="us", tz="UTC")

    def count_without(self, events: Gathered, leads: Gathered, *, leave_out: bool = False) -> int:
        """Count the events whose leads are not among `leads`.

        With `leave_out`, without the repeats that were counted last.
        """
        without = "ANTI JOIN repeats USING (row)" if leave_out else ""
        [(count,)] = self._connection.execute(
            f"SELECT count(*) FROM {_parts(events.folder)} {without} "
            f"ANTI JOIN (SELECT lead_id FROM {_parts(leads.folder)}) USING (lead_id)"
        ).fetchall()
        return int(count)

    def days(self, table: Gathered, column: str, *, leave_out: bool = False) -> NDArray[np.int64]:
        """Return the different days (UTC, counted from 1970) of a column of times, sorted.

        With `leave_out`, without the repeats that were counted last.
        """
        without = "ANTI JOIN repeats USING (row)" if leave_out else ""
        found = self._connection.execute(
            f"SELECT DISTINCT epoch_us(date_trunc('day', {column})) // {DAY_US} AS day "
            f"FROM {_parts(table.folder)} {without} "
            f"WHERE {column} IS NOT NULL ORDER BY day"
        )
        return np.asarray(found.fetchnumpy()["day"], np.int64)

    def label_cells(self, leads: Gathered, column: str) -> pa.Table:
        """Return the different cells of each lead's first row, by first appearance, with their `rows`."""
        query = (
            f"SELECT {column} AS cell, count(*) AS rows FROM "
            f"(SELECT {column}, row FROM {_parts(leads.folder)} "
            "QUALIFY row_number() OVER (PARTITION BY lead_id ORDER BY row) = 1) "
            "GROUP BY cell ORDER BY min(row)"
        )
        return self._connection.sql(query).to_arrow_table()

    def later_rows(self, leads: Gathered) -> NDArray[np.int64]:
        """Return the numbers of the rows that repeat the id of an earlier lead, sorted."""
        parts = _parts(leads.folder)
        found = self._connection.execute(
            "SELECT row FROM (SELECT row, row_number() OVER (PARTITION BY lead_id ORDER BY row) AS place "
            f"FROM {parts} WHERE hash(lead_id) IN (SELECT hash(lead_id) FROM {parts} "
            "GROUP BY hash(lead_id) HAVING count(*) > 1)) WHERE place > 1 ORDER BY row"
        )
        return np.asarray(found.fetchnumpy()["row"], np.int64)

    def sharing(self, hints: Path, leads: Gathered) -> pa.Table:
        """Return the rows of leads as they are on disk that share a hint with another, in the file's order.

        `hints`: a folder of parts with `row` and `hint`, distinct pairs.
        """
        held = _parts(hints)
        rows = (
            f"SELECT row FROM {held} WHERE hint IN "
            f"(SELECT hint FROM {held} GROUP BY hint HAVING count(*) > 1)"
        )
        query = (
            f"SELECT * EXCLUDE (hash) FROM {_parts(leads.folder)} SEMI JOIN ({rows}) USING (row) ORDER BY row"
        )
        return self._connection.sql(query).to_arrow_table()

    def keep_together(self, aliases: pd.DataFrame) -> None:
        """Sort every lead with a row in `aliases` (lead_id, survivor) into the bucket of its survivor."""
        if aliases.empty:
            return
        hashes = lead_hashes(aliases["survivor"])
        table = pa.table({"lead_id": pa.array(aliases["lead_id"]), "together": pa.array(hashes)})
        self._connection.register("aliases", table)
        self._has_aliases = True

    def sort(self, table: Gathered, folder: Path, buckets: int, *, leave_out: bool = False) -> None:
        """Write the rows of `table`, bucket by bucket, by lead, time and place in their file.

        Leads, whose first row counts, by their place alone. A bucket without rows has no file. With
        `leave_out`, without the repeats that were counted last.
        """
        without = "ANTI JOIN repeats USING (row)" if leave_out else ""
        own, joined = ("hash", "hash"), ""
        if self._has_aliases:
            own, joined = ("hash, together", "coalesce(together, hash)"), "LEFT JOIN aliases USING (lead_id)"
        query = (
            f"SELECT * EXCLUDE ({own[0]}), ({own[1]} % {buckets})::INTEGER AS bucket "
            f"FROM {_parts(table.folder)} {without} {joined} "
            f"ORDER BY bucket, lead_id, {_TIMES.get(table.name, 'row')}, row"
        )
        (folder / table.name).mkdir(parents=True)
        with _BucketWriter(folder, table.name) as writer:
            for batch in self._connection.sql(query).to_arrow_reader(_STREAMED_ROWS):
                writer.write(batch)


class _BucketWriter:
    """Writes a stream that is sorted by `bucket` into one file a bucket."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._bucket = -1
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch into the files of their buckets."""
        buckets = batch.column("bucket").to_numpy()
        starts = np.flatnonzero(np.diff(buckets, prepend=-1))
        rows = batch.drop_columns(["bucket"])
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(buckets)], strict=True):
            piece = rows.slice(start, end - start)
            self._writer_of(int(buckets[start]), piece.schema).write_batch(piece)

    def _writer_of(self, bucket: int, schema: pa.Schema) -> pq.ParquetWriter:
        if self._writer is None or bucket != self._bucket:
            self.__exit__()
            self._bucket = bucket
            self._writer = pq.ParquetWriter(bucket_file(self._folder, self._name, bucket), schema)
        return self._writer


def _parts(folder: Path) -> str:
    """Return a folder's parts as DuckDB reads them: names are patterns there, so their signs are escaped."""
    path = str(folder.absolute())
    escaped = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path).replace("'", "''")
    return f"read_parquet('{escaped}/*.parquet', union_by_name = true)"


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0][:200]
