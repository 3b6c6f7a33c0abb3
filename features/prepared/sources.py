"""All sources of a mapping, gathered: the tables in parts, the accounts whole, and what to say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from features.prepared import layout
from features.prepared.gathering import Gathered
from features.reading.company_files import encoding_notes, rejects_note
from features.reading.event_rows import event_rows, unused_names
from features.reading.files import read_source, source_parts
from features.reading.lead_rows import labelled_cells, leads_of
from features.reading.other_rows import accounts_of, changes_of
from features.reading.outcome_rows import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from features.mapping import Mapping, Source
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable
    from features.reading.rejects import Rejects

    ReadPart = Callable[[RawTable, Mapping], ReadTable]


class Sources:
    """What the sources held. `tables`: those that will be kept in buckets, by name; `accounts` are whole."""

    def __init__(self, mapping: Mapping, folder: Path, parts: Path, report: Callable[[str], None]) -> None:
        self.mapping = mapping
        self.tables: dict[str, Gathered] = {}
        self.accounts: list[ReadTable] = []
        self._folder, self._parts, self._report = folder, parts, report
        self._encoding: list[str] = []

    def gather(self, rejects_file: Path | None) -> None:
        """Read everything. Bad rows go to `rejects_file`; without one, raises InputError when all is read."""
        put_aside = _RejectsFile(rejects_file)
        for name, section, read in self._sections():
            table = self.tables[name] = Gathered(name, self._parts / name)
            for raw in source_parts(section, self._folder):
                rejects = table.add(raw, read(raw, self.mapping), self._label_cells(raw, name))
                put_aside(rejects)
                self._report(f"reading {name}: {table.rows:,} rows")
                if name == "leads":
                    self._encoding = encoding_notes(self.mapping, raw)
        for accounts in self.mapping.accounts:
            self._report("reading accounts")
            self.accounts.append(accounts_of(read_source(accounts, self._folder), accounts, self.mapping))
            put_aside(self.accounts[-1].rejects)
        bad = [rejects for rejects in self._rejects() if rejects.batches]
        if bad and rejects_file is None:
            raise bad[0].error(*bad[1:])

    def notes(self) -> Iterator[str]:
        """Say what reading decided or counted."""
        for table in self.tables.values():
            yield from table.all_notes()
        events = self.tables.get("events")
        if events is not None:
            yield from unused_names(self.mapping, events.named_types, events.said_of)
        for accounts in self.accounts:
            yield from accounts.notes
        yield from self._encoding
        for table in self.tables.values():
            yield rejects_note(table.said_of, table.bad_rows)
        for accounts in self.accounts:
            yield rejects_note(accounts.rejects.said_of, len(accounts.rejects.rows))

    def _sections(self) -> Iterator[tuple[str, Source, ReadPart]]:
        mapping = self.mapping
        yield "leads", mapping.leads, _leads_of
        if mapping.events:
            yield "events", mapping.events, event_rows
        if mapping.changes:
            yield "changes", mapping.changes, changes_of
        if mapping.outcomes and mapping.outcomes.kind == "table":
            yield "outcomes", mapping.outcomes, outcomes_of

    def _label_cells(self, raw: RawTable, name: str) -> pd.Series[Any] | None:
        return labelled_cells(raw, self.mapping) if name == "leads" else None

    def _rejects(self) -> Iterator[Rejects]:
        yield from (table.rejects for table in self.tables.values())
        yield from (accounts.rejects for accounts in self.accounts)


def _leads_of(raw: RawTable, mapping: Mapping) -> ReadTable:
    read = leads_of(raw, mapping, training=True)
    taken = {layout.ROW, layout.LABEL} & set(read.frame.columns)
    if taken:
        remedy = "Rename it, or add it to leads.exclude."
        fault = Fault(raw.name, "no column of a name that is kept for LeadLens", repr(min(taken)), remedy)
        raise InputError(fault)
    return read


class _RejectsFile:
    """Bad rows as a file: file, row, column, found, reason. Made when the first one comes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __call__(self, rejects: Rejects) -> None:
        if self._path is None or not rejects.batches:
            return
        lines = rejects.table()
        lines.insert(0, "file", rejects.said_of)
        lines.to_csv(self._path, mode="a", header=not self._path.exists(), index=False)
