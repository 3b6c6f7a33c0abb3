"""Rows that cannot be used: gathered while a table is read, then said together or put aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 20
"""So many faults are spelled out; the rest are counted."""

COLUMNS = ["row", "lead_id", "column", "found", "reason"]
"""The columns of a file of rejects."""


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: np.ndarray
    found: Sequence[str]
    column: str
    expected: str
    remedy: str


@dataclass(slots=True)
class Rejects:
    """The bad rows of one file. `said_of` is the file's name, as a person knows it.

    A row's number is the one that a spreadsheet shows: the header is row 1, blank rows count, and a
    line break inside quotes does not begin a new row. Rows of Parquet files and queries, which have
    no header row, count from 1. `only_counted` faults are known by their number alone. `lead_ids`: of which
    leads the bad rows are, by row, where that can be told.
    """

    said_of: str
    batches: list[_Batch] = field(default_factory=list)
    only_counted: int = 0
    lead_ids: dict[int, str] = field(default_factory=dict)

    def add(self, rows: np.ndarray, found: Sequence[str], *, column: str, expected: str, remedy: str) -> None:
        """Add rows that share a fault. `rows`: their numbers; `found`: what each holds, by `shown`."""
        if len(rows):
            numbers = np.asarray(rows, dtype=np.int64)
            self.batches.append(_Batch(numbers, found, column, expected, remedy))

    def add_start_of(self, later: Rejects) -> None:
        """Add the faults of a later part of the file: those to be spelled out, and how many others."""
        has_room = sum(len(batch.rows) for batch in self.batches) < SHOWN
        for batch in later.batches:
            shown_of = SHOWN if has_room else 0
            self.only_counted += max(0, len(batch.rows) - shown_of)
            self.add(
                batch.rows[:shown_of],
                batch.found[:shown_of],
                column=batch.column,
                expected=batch.expected,
                remedy=batch.remedy,
            )

    def name_leads(self, rows: np.ndarray, lead_ids: Sequence[str | None]) -> None:
        """Say of which leads rows are, so that a person can be found among the rejects."""
        named = zip(np.asarray(rows).tolist(), lead_ids, strict=True)
        self.lead_ids.update((row, lead_id) for row, lead_id in named if isinstance(lead_id, str))

    @property
    def rows(self) -> np.ndarray:
        """The numbers of the bad rows, ascending, each once (int64)."""
        if not self.batches:
            return np.empty(0, dtype=np.int64)
        return np.unique(np.concatenate([batch.rows for batch in self.batches]))

    def table(self) -> pd.DataFrame:
        """One line a fault, in the file's order: `row` (int64), then COLUMNS's others (str).

        A row whose lead cannot be told has no `lead_id`.
        """
        lines = [
            (
                int(row),
                self.lead_ids.get(int(row)),
                batch.column,
                found,
                str(self._fault(batch, int(row), found)),
            )
            for batch in self.batches
            for row, found in zip(batch.rows, batch.found, strict=True)
        ]
        frame = pd.DataFrame(lines, columns=COLUMNS)
        return frame.astype({"row": "int64"}).sort_values("row", kind="stable", ignore_index=True)

    def error(self, *others: Rejects) -> InputError:
        """Return the error that spells the first faults out and counts the rest, file by file."""
        return InputError(*(fault for rejects in (self, *others) for fault in rejects.faults()))

    def faults(self) -> list[Fault]:
        """Return the first faults by row, and one that counts the rest, if there are more."""
        pieces = [
            (int(row), number, at)
            for number, batch in enumerate(self.batches)
            for at, row in enumerate(batch.rows[:SHOWN])
        ]
        faults = [
            self._fault(self.batches[number], row, self.batches[number].found[at])
            for row, number, at in sorted(pieces)[:SHOWN]
        ]
        rest = sum(len(batch.rows) for batch in self.batches) - len(faults) + self.only_counted
        if rest:
            remedy = "Fix them, or leave the bad rows out with --skip-bad-rows."
            faults.append(Fault(self.said_of, "every row to be readable", f"{rest:,} more faults", remedy))
        return faults

    def _fault(self, batch: _Batch, row: int, found: str) -> Fault:
        place = f", column {batch.column}" if batch.column else ""
        return Fault(f"{self.said_of}, row {row}{place}", batch.expected, found, batch.remedy)


def shown(value: object) -> str:
    """Return a cell as messages show it."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124 - the quickest test for NaN
        return "nothing"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
