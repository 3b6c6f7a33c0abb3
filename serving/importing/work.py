"""What the steps of an import share: where rows come from, where they go, and what is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from features.cells import cell_rules
from features.reading.files import source_parts
from serving.history.identity import IS_SHOWN, held, numbers_of
from serving.history.stale import RESCORE, mark_stale
from serving.importing.storable import storable
from serving.store.dialects import in_batches
from serving.store.schema import LEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from features.cells import CellRules
    from features.mapping import Mapping, Source
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable
    from features.reading.rejects import Rejects
    from serving.store.database import Store

    Row = tuple[Any, ...]
    ReadPart = Callable[[RawTable, Mapping], ReadTable]

BATCH_ROWS = 10_000
"""So many rows are written in one transaction: whoever else writes waits for that long, and no longer."""


@dataclass(slots=True)
class Kept:
    """What one transaction did. It counts once the transaction is there to stay, for it may be done again.

    `touched` are numbers of leads for which something new came, `keys` what `repeats.Seen` is to remember.
    """

    counts: Counter[str] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)
    keys: list[Any] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Work:
    """One run of an import. `now` in microseconds UTC: the time of all that the files give no time for.

    `clock` tells what time it is: each transaction asks it when it writes, for those who follow the leads.
    `done` adds up what all transactions did; `notes` say what reading decided. `columns` are those of the
    leads' files, `changed_columns` those that the files of changes speak of.
    """

    store: Store
    mapping: Mapping
    folder: Path
    now: int
    clock: Callable[[], int]
    report: Callable[[str], None]
    put_aside: Callable[[Rejects], None] = lambda _: None
    done: Kept = field(default_factory=Kept)
    notes: list[str] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    changed_columns: dict[str, None] = field(default_factory=dict)

    def parts(
        self, section: Source, read: ReadPart, ids: Sequence[str | None]
    ) -> Iterator[tuple[RawTable, ReadTable]]:
        """Read a section part by part: raw rows that can be kept, and the canonical ones made of them."""
        for raw in source_parts(section, self.folder):
            part = storable(raw, ids)
            table = read(part, self.mapping)
            self.notes += table.notes
            self.put_aside(table.rejects)
            yield part, table

    def write(self, work: Callable[[Connection], Kept]) -> Kept:
        """Do one batch in a transaction of its own.

        In it, leads that have a score are asked a new one for: those without are found at the end, by
        whichever import gets there.
        """

        def done(connection: Connection) -> Kept:
            kept = work(connection)
            mark_stale(connection, _scored(connection, kept.touched), self.now, RESCORE)
            return kept

        kept = self.store.write(done)
        self.done.counts.update(kept.counts)
        self.done.touched |= kept.touched
        return kept

    @property
    def rules(self) -> CellRules:
        """How the mapping reads cells."""
        return cell_rules(self.mapping.leads.missing, self.mapping.leads.decimal)


def batches(rows: int, size: int = BATCH_ROWS) -> Iterator[slice]:
    """Yield the rows of a part, a transaction's worth at a time."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def alone(connection: Connection, table: sa.Table) -> None:
    """Let nobody else write a table until the transaction ends, as on SQLite nobody does anyhow.

    Who holds rows of it, to write them, is let end first; who only reads goes on.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))


def owned(connection: Connection, rows: Sequence[Row], now: int, kept: Kept) -> list[Row]:
    """Return rows with the lead's number for its id, both first; leads that nobody has sent are announced.

    The leads are locked, before any table is: who writes them otherwise does so in that order.
    """
    ids = list(dict.fromkeys(row[0] for row in rows))
    kept.counts["leads announced"] += len(ids) - len(numbers_of(connection, ids))
    known = held(connection, ids, now)
    return [(known[row[0]], *row[1:]) for row in rows]


def _scored(connection: Connection, numbers: Iterable[int]) -> list[int]:
    found: list[int] = []
    for batch in in_batches(numbers):
        scored = sa.select(LEADS.c.number).where(
            LEADS.c.number.in_(batch), LEADS.c.scored_at.is_not(None), IS_SHOWN
        )
        found += connection.execute(scored).scalars()
    return found


def microseconds(times: pd.Series[Any]) -> NDArray[np.int64]:
    """Return times, none missing, as microseconds UTC."""
    return np.asarray(times.to_numpy("datetime64[us]").astype(np.int64))
