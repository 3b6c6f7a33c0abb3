"""From a company's files to a prepared history, in memory that is bounded by a bucket, not by the files."""

from __future__ import annotations

import json
import math
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from features.hashing import HASH
from features.history import microseconds_of
from features.prepared import layout
from features.prepared.arrow import arrow_table
from features.prepared.column_types import ColumnTypes
from features.prepared.finishing import Finisher, LabelBook, label_book
from features.prepared.folders import unfinished
from features.prepared.people import People, people_among
from features.prepared.read import Prepared
from features.prepared.sorting import Sorter, sorter
from features.prepared.sources import Sources
from features.reading.company_files import newest_time_in
from features.reading.event_rows import repeats_note
from features.reading.extract import extract_moment
from features.reading.notes import worth_saying
from features.reading.silence import LIVED, silence_note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from features.mapping import Mapping as CompanyMapping
    from features.prepared.gathering import Gathered

ROWS_IN_A_BUCKET = {"leads": 250_000, "events": 1_000_000, "changes": 1_000_000, "outcomes": 1_000_000}
"""About so many rows of a table are in a bucket, unless the number of buckets is given."""

MOST_BUCKETS = 9_999


def prepare(
    mapping: CompanyMapping,
    folder: Path,
    out: Path,
    *,
    buckets: int | None = None,
    memory_limit: str = "2GB",
    skip_bad_rows: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Write what `read_tables(mapping, folder)` reads into the folder `out`, in buckets of whole leads.

    The tables are the same to the last row, and so are the notes. Leads that are one person are in one
    bucket, so that they can be merged in it. Without `buckets` there are as many as keep about a million
    events, or a quarter of a million leads, in each. `memory_limit` is DuckDB's for sorting; a part of a
    source, or a bucket, comes on top.

    `out` appears whole or not at all; a prepared history that is there already is replaced. Raises
    InputError for what cannot be read or written, and where `out` holds something else; RefusedError where
    another run is writing it.
    """
    with unfinished(out) as work:
        sources = Sources(mapping, folder, work / "parts", report)
        sources.gather(work / "whole" / layout.REJECTS if skip_bad_rows else None)
        with sorter(memory_limit, work / "spill") as duckdb:
            report("looking for repeated events")
            whole = _learn(sources, duckdb)
            report("looking for leads that are one person")
            people = people_among(sources.tables["leads"], mapping, whole.labels, duckdb, work / "hints")
            duckdb.keep_together(people.aliases)
            count = buckets or usual_buckets(sources.tables)
            for name, table in sources.tables.items():
                report(f"sorting {name}: {table.rows:,} rows into {count:,} buckets")
                repeats = name == "events" and whole.has_repeats
                duckdb.sort(table, work / "sorted", count, leave_out=repeats)
                shutil.rmtree(table.folder)
        finisher = Finisher(sources.tables, mapping, whole.labels, work / "sorted", work / "whole")
        for bucket in range(count):
            report(f"writing bucket {bucket + 1:,} of {count:,}")
            finisher.finish(bucket)
        _write_manifest(work / "whole", count, sources, whole, people, finisher)
    return Prepared.open(out)


def usual_buckets(tables: Mapping[str, Gathered]) -> int:
    """Return how many buckets keep each of them to a size that fits into little memory."""
    needed = max(math.ceil(table.rows / ROWS_IN_A_BUCKET[name]) for name, table in tables.items())
    return min(max(needed, 1), MOST_BUCKETS)


@dataclass(frozen=True, slots=True)
class _Whole:
    """What only all rows together tell."""

    extract_at: pd.Timestamp
    labels: LabelBook | None
    has_repeats: bool
    notes: tuple[str, ...]


def _learn(sources: Sources, duckdb: Sorter) -> _Whole:
    mapping, events = sources.mapping, sources.tables.get("events")
    notes: list[str] = []
    newest = [table.newest for table in sources.tables.values() if table is not events]
    repeats = 0
    if events is not None:
        repeats = duckdb.count_repeats(events)
        notes.append(repeats_note(events.said_of, repeats))
        newest.append(duckdb.newest(events) if repeats else events.newest)
    newest += [newest_time_in(accounts.frame) for accounts in sources.accounts]
    extract_at, said = extract_moment(mapping, newest)
    leads = sources.tables["leads"]
    lived = [
        duckdb.days(sources.tables[name], column, leave_out=name == "events" and repeats > 0)
        for name, column in LIVED.items()
        if name in sources.tables
    ]
    notes += [*said, *silence_note(mapping, leads.rows, lived, extract_at)]
    labels = label_book(leads, mapping, duckdb)
    return _Whole(extract_at, labels, repeats > 0, (*notes, *(labels.notes if labels else ())))


def _write_manifest(
    folder: Path, buckets: int, sources: Sources, whole: _Whole, people: People, finisher: Finisher
) -> None:
    manifest = layout.Manifest(
        mapping=json.loads(sources.mapping.frozen()),
        extract_at_us=int(microseconds_of(pd.Series([whole.extract_at]))[0]),
        buckets=buckets,
        hash=HASH,
        tables=finisher.tables(),
        identity=people.write(folder),
        accounts=_write_accounts(folder, sources),
        is_labelled=whole.labels is not None,
        notes=worth_saying((*sources.notes(), *whole.notes, *finisher.notes)),
    )
    with (folder / layout.MANIFEST).open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())


def _write_accounts(folder: Path, sources: Sources) -> tuple[layout.PreparedAccounts, ...]:
    written = []
    for number, accounts in enumerate(sources.accounts):
        path, types = layout.accounts_file(folder, number), ColumnTypes()
        types.add(accounts.frame)
        pq.write_table(arrow_table(accounts.frame), path)
        columns = {name: types.of(name) for name in types.names}
        written.append(layout.PreparedAccounts(columns=columns, bytes=path.stat().st_size))
    return tuple(written)
