"""A prepared history, read bucket by bucket."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.duplicates.identity import Identity, Placeholder
from features.errors import Fault, InputError
from features.event_columns import COLUMNS, event_log_of_arrow
from features.events import no_events
from features.prepared import layout
from features.prepared.column_types import restored
from features.reading.raw_columns import checked
from features.tables import ACCOUNTS, CHANGES, EVENTS, LEADS, OUTCOMES, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from features.events import EventLog
    from features.mapping import Mapping as CompanyMapping

_BATCH_ROWS = 262_144
"""So many events are decoded at a time on their way to a log."""

_SCHEMAS: Mapping[str, Any] = {"leads": LEADS, "events": EVENTS, "changes": CHANGES, "outcomes": OUTCOMES}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared history. It holds no rows: each bucket is read when it is asked for.

    >>> prepared = Prepared.open(Path("prepared"))  # doctest: +SKIP
    >>> sum(len(tables.leads) for tables in prepared)  # doctest: +SKIP
    500000
    """

    folder: Path
    manifest: layout.Manifest

    @classmethod
    def open(cls, folder: Path) -> Prepared:
        """Open the folder. Raises InputError where it is none, or a file of it is not as it was written."""
        return cls(folder, layout.read_manifest(folder))

    def __len__(self) -> int:
        return self.manifest.buckets

    def __iter__(self) -> Iterator[Tables]:
        return (self.bucket(number) for number in range(len(self)))

    @property
    def mapping(self) -> CompanyMapping:
        """The mapping that the history was read with."""
        return self.manifest.company_mapping()

    def bucket(self, number: int) -> Tables:
        """Return all that is known of the leads in one bucket, as `read_tables` would have it.

        Duplicates are all in the bucket of the lead that was created first, and not merged: see `identity`.
        Leads are sorted by id, other rows by lead and time; rows of one time stand as they did in their
        file. Notes are those of the whole history, and stand in the manifest alone.
        """
        return self._tables(number, list(self.manifest.tables))

    def bucket_without_events(self, number: int) -> Tables:
        """Return what is known of the leads in one bucket but their events, which are the most by far.

        The rows are as they were written: `bucket` checks them against the canonical form once more, which
        takes a library of 35 MB, and this is what each process of a large job calls.
        """
        others = [name for name in self.manifest.tables if name != "events"]
        return self._tables(number, others, is_checked=False)

    def events(self, number: int, ids: pd.Index[str]) -> EventLog:
        """Return the events of one bucket as a log whose owners are `ids`; those of other leads are left out.

        It is the log that `bucket` leads to, at a fraction of the time and of the memory.
        """
        if "events" not in self.manifest.tables:
            return no_events(len(ids))
        path = layout.bucket_file(self.folder, "events", number)
        with _opened(path, read_dictionary=["lead_id"], memory_map=True, pre_buffer=False) as file:
            batches = file.iter_batches(_BATCH_ROWS, columns=list(COLUMNS))
            log = event_log_of_arrow(batches, file.metadata.num_rows, ids, str(path))
        pa.default_memory_pool().release_unused()
        return log

    def lead_rows(self, number: int) -> NDArray[np.int64]:
        """Return the numbers that a bucket's leads had in their file, in the order of the bucket."""
        path = layout.bucket_file(self.folder, "leads", number)
        rows: NDArray[np.int64] = _read(path, [layout.ROW])[layout.ROW].to_numpy()
        return rows

    def _tables(self, number: int, names: list[str], *, is_checked: bool = True) -> Tables:
        frames = {name: self._frame(name, number, is_checked=is_checked) for name in names}
        leads = frames["leads"]
        label = None
        if self.manifest.is_labelled:
            label = leads[layout.LABEL].rename("label")
        return Tables(
            leads=leads.drop(columns=[layout.ROW, layout.LABEL], errors="ignore"),
            events=frames.get("events"),
            changes=frames.get("changes"),
            outcomes=frames.get("outcomes"),
            accounts=self._accounts(),
            label=label,
            extract_at=self.manifest.extract_at,
        )

    def identity(self, number: int) -> Identity:
        """Return who is who among the leads of a bucket, row by row, as it is in the whole history.

        Placeholders and leads left apart are a matter of the whole: see `placeholders`, and `apart` in
        the manifest.
        """
        aliases = self.aliases()
        if aliases.empty:
            return Identity(np.arange(self.manifest.tables["leads"].rows[number]), (), 0)
        ids = pd.Index(self._frame("leads", number, is_checked=False)["lead_id"])
        own = ids.get_indexer(pd.Index(aliases["lead_id"]))
        survivor = np.arange(len(ids))
        survivor[own[own >= 0]] = ids.get_indexer(pd.Index(aliases["survivor"][own >= 0]))
        return Identity(survivor, (), 0)

    def aliases(self) -> pd.DataFrame:
        """Return the duplicates of the whole history: `lead_id`, and the `survivor` it is merged into."""
        aliases: pd.DataFrame = _read(self.folder / layout.ALIASES).to_pandas()
        return aliases.astype("str")

    def placeholders(self) -> tuple[Placeholder, ...]:
        """Return the values that too many leads of the whole history share to tell who is who."""
        held = _read(self.folder / layout.PLACEHOLDERS).to_pandas()
        return tuple(
            Placeholder(str(kind), tuple(of["lead_id"])) for (_, kind), of in held.groupby(["number", "kind"])
        )

    def _frame(self, name: str, number: int, *, is_checked: bool) -> pd.DataFrame:
        path = layout.bucket_file(self.folder, name, number)
        read = _read(path).to_pandas()
        columns = self.manifest.tables[name].columns
        frame = pd.DataFrame({column: restored(read[column], dtype) for column, dtype in columns.items()})
        return checked(frame, _SCHEMAS[name], str(path)) if is_checked else frame

    def _accounts(self) -> tuple[pd.DataFrame, ...]:
        return tuple(self._accounts_table(number) for number in range(len(self.manifest.accounts)))

    def _accounts_table(self, number: int) -> pd.DataFrame:
        path = layout.accounts_file(self.folder, number)
        read = _read(path).to_pandas()
        columns = self.manifest.accounts[number].columns
        frame = pd.DataFrame({column: restored(read[column], dtype) for column, dtype in columns.items()})
        return checked(frame, ACCOUNTS, str(path))


def _read(path: Path, columns: list[str] | None = None) -> pa.Table:
    with _opened(path) as file:
        return file.read(columns).unify_dictionaries()


@contextmanager
def _opened(path: Path, **how: Any) -> Iterator[pq.ParquetFile]:
    """Give a bucket's file: no data set, because the folder's name would be taken for a column 'bucket'."""
    try:
        with pq.ParquetFile(path, **how) as file:
            yield file
    except (pa.ArrowException, OSError) as problem:
        remedy = "It is damaged. Make it again with: leadlens prepare"
        raise InputError(Fault(str(path), "a bucket", str(problem)[:200], remedy)) from problem
