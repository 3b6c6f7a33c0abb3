"""Files of leads to score that are too large for memory: parted by lead, on disk."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from features.errors import RefusedError
from features.prepared import layout
from features.prepared.finishing import sorted_rows
from features.prepared.gathering import Gathered
from features.prepared.sorting import sorter
from features.reading.event_rows import event_rows, repeats_note, unused_names
from features.reading.files import file_parts
from features.reading.lead_rows import leads_of
from features.reading.notes import worth_saying
from features.reading.text_limits import within_text_limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable
    from features.reading.rejects import Rejects

LEADS_IN_A_BUCKET, EVENTS_IN_A_BUCKET = 100_000, 1_000_000
MEMORY_LIMIT = "500MB"
"""DuckDB sorts in so much memory."""


@dataclass(frozen=True, slots=True)
class PartedFiles:
    """Leads and events of files, as `read_leads` and `read_events` read them, in buckets of whole leads.

    `rejects`: the bad rows of each part of the files, where they were to be skipped. `newest`: the newest
    time in the files, None where they hold none.
    """

    folder: Path
    leads: Gathered
    events: Gathered | None
    buckets: int
    newest: pd.Timestamp | None
    strangers: int
    notes: tuple[str, ...]
    rejects: tuple[Rejects, ...] = field(default=(), repr=False)

    def bucket(self, number: int) -> tuple[pd.DataFrame, pd.DataFrame | None, NDArray[np.int64]]:
        """Return the leads of a bucket, their events, and the numbers of the leads' rows in the file."""
        leads = sorted_rows(self.leads, self.folder, number)
        rows = leads.pop(layout.ROW).to_numpy(np.int64)
        if self.events is None:
            return leads, None, rows
        return leads, sorted_rows(self.events, self.folder, number).drop(columns=layout.ROW), rows

    def without_rejects(self) -> PartedFiles:
        """Return what another process needs to read buckets."""
        return replace(self, rejects=())


def part_files(
    leads: Path,
    events: Path | None,
    mapping: Mapping,
    folder: Path,
    *,
    skip_bad_rows: bool,
    text_limit: int | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> PartedFiles:
    """Part files by lead into an empty folder. Memory is bounded by a part of a file and MEMORY_LIMIT.

    Raises InputError as `read_leads` and `read_events` do, when all is read.
    """
    of_leads = Gathered("leads", folder / "parts" / "leads")
    of_events = None if events is None else Gathered("events", folder / "parts" / "events")
    how = (text_limit, report)
    rejects = _gather(leads, mapping.leads.encoding, of_leads, lambda raw: _leads(raw, mapping), how)
    if of_events is not None and events is not None:
        usual = mapping.events.encoding if mapping.events else None
        rejects += _gather(events, usual, of_events, lambda raw: event_rows(raw, mapping), how)
    bad = [table.rejects for table in (of_leads, of_events) if table is not None and table.rejects.batches]
    if bad and not skip_bad_rows:
        raise bad[0].error(*bad[1:])
    buckets = max(
        1,
        math.ceil(of_leads.rows / LEADS_IN_A_BUCKET),
        math.ceil((of_events.rows if of_events else 0) / EVENTS_IN_A_BUCKET),
    )
    notes, strangers = of_leads.all_notes(), 0
    with sorter(MEMORY_LIMIT, folder / "spill") as duckdb:
        report(f"sorting into {buckets:,} parts")
        newest = duckdb.last(of_leads, "created_at")
        duckdb.sort(of_leads, folder, buckets)
        if of_events is not None:
            has_ids = mapping.events is not None and mapping.events.event_id is not None
            repeats = duckdb.count_repeats(of_events) if has_ids else 0
            strangers = duckdb.count_without(of_events, of_leads, leave_out=repeats > 0)
            last = duckdb.last(of_events, "occurred_at", leave_out=repeats > 0)
            newest = max((time for time in (newest, last) if time is not None), default=None)
            duckdb.sort(of_events, folder, buckets, leave_out=repeats > 0)
            notes += of_events.all_notes()
            notes += tuple(unused_names(mapping, of_events.named_types, of_events.said_of))
            notes += (repeats_note(of_events.said_of, repeats),) if repeats else ()
    shutil.rmtree(folder / "parts")
    said = worth_saying(notes)
    return PartedFiles(folder, of_leads, of_events, buckets, newest, strangers, said, tuple(rejects))


def _gather(
    path: Path,
    usual_encoding: str | None,
    table: Gathered,
    read: Callable[[RawTable], ReadTable],
    how: tuple[int | None, Callable[[str], None]],
) -> list[Rejects]:
    rejects, (text_limit, report) = [], how
    for raw in file_parts(path, usual_encoding=usual_encoding):
        bad = table.add(raw, read(within_text_limit(raw, text_limit)), None)
        if bad.batches:
            rejects.append(bad)
        report(f"reading {table.name}: {table.rows:,} rows")
    return rejects


def _leads(raw: RawTable, mapping: Mapping) -> ReadTable:
    read = leads_of(raw, mapping, training=False)
    if layout.ROW in read.frame:
        raise RefusedError(
            f"{raw.name}: the column {layout.ROW!r} has a name that is kept for LeadLens. Rename it."
        )
    return read
