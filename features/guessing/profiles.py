"""What a file looks like: how its columns are filled, before anything is known about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from features.cells import CellError, CellRules, cell_rules, number_of, text_of
from features.columns.emails import ADDRESS
from features.guessing.time_guesses import TimeGuess, time_guess
from features.reading.files import read_file
from features.reading.raw_columns import as_text

if TYPE_CHECKING:
    import re
    from pathlib import Path

    import pandas as pd

    from features.reading.raw_tables import RawTable

PROFILED_ROWS = 1_000_000
"""A longer file is judged by its first rows."""


@dataclass(frozen=True)
class ColumnProfile:
    """One column: its name and how often each text stands in it (missing cells not counted)."""

    name: str
    rows: int
    counts: Counter[str]
    typed_time: bool = False
    nested: bool = False

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return self.counts.total()

    @property
    def is_key(self) -> bool:
        """Whether every row has a value of its own."""
        return 0 < self.rows == self.filled == len(self.counts)

    @cached_property
    def time(self) -> TimeGuess | None:
        """How the column writes times, or None."""
        if self.typed_time:
            return TimeGuess(None, "the file types it as a time")
        return time_guess(self.name, list(self.counts))

    def share(self, pattern: re.Pattern[str]) -> float:
        """Return the share of filled cells that match the whole of `pattern`."""
        matching = sum(count for text, count in self.counts.items() if pattern.fullmatch(text))
        return matching / self.filled if self.filled else 0.0

    @cached_property
    def is_email(self) -> bool:
        """Whether the column holds e-mail addresses."""
        return self.share(ADDRESS) >= 0.8

    def non_numbers(self, rules: CellRules) -> list[str]:
        """Return the different texts that are no numbers, the commonest first."""
        return [text for text, _ in self.counts.most_common() if not _is_number(text, rules)]

    @cached_property
    def odd_cells(self) -> list[str]:
        """Return the few texts that stand among numbers: at most twenty, in at most 5 % of the cells."""
        odd = min((self.non_numbers(cell_rules(decimal=mark)) for mark in ".,"), key=len, default=[])
        few = 0 < len(odd) <= 20 and sum(self.counts[text] for text in odd) <= 0.05 * self.filled
        return odd if few else []

    @cached_property
    def is_number(self) -> bool:
        """Whether every value is a number, by a decimal point or by a decimal comma."""
        return bool(self.counts) and any(not self.non_numbers(cell_rules(decimal=mark)) for mark in ".,")


@dataclass(frozen=True)
class FileProfile:
    """A file: where it is, how it was read, and its columns."""

    path: Path
    raw: RawTable
    columns: dict[str, ColumnProfile]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.raw.cells)

    def texts(self, column: str) -> pd.Series[str]:
        """Return all cells of a column as text."""
        return as_text(self.raw.cells[column])


def profile_of(path: Path) -> FileProfile:
    """Read a file and count its values. Raises InputError where it cannot be read at all."""
    raw = read_file(path)
    head = raw.cells.head(PROFILED_ROWS)
    return FileProfile(path, raw, {str(name): _column(str(name), head[name]) for name in head.columns})


def _column(name: str, cells: pd.Series[Any]) -> ColumnProfile:
    if cells.dtype.kind == "M":
        typed = Counter(cells.dropna().astype("str").tolist())
        return ColumnProfile(name, len(cells), typed, typed_time=True)
    nested = cells.dtype == object and any(
        isinstance(cell, (list, dict)) or hasattr(cell, "tolist") for cell in cells.dropna().head(100)
    )
    if nested:
        return ColumnProfile(name, len(cells), Counter(), nested=True)
    rules = cell_rules()
    counted: Counter[str] = Counter()
    for text, count in as_text(cells).value_counts().items():
        if text_of(text, rules) is not None:
            counted[str(text)] += int(count)
    return ColumnProfile(name, len(cells), counted)


def _is_number(text: str, rules: CellRules) -> bool:
    try:
        number_of(text, rules)
    except CellError:
        return False
    return True
