"""The columns of a raw table, picked by name and turned into ids, times, numbers and words.

Every way of picking puts rows that it cannot read among the table's rejects; nothing is dropped here.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from features.cells import CellRules, number_of, parsed_column
from features.errors import Fault, InputError
from features.reading.notes import Count, literal
from features.reading.raw_tables import ONE_LINE
from features.reading.rejects import Rejects, shown
from features.reading.time_columns import parse_time_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.reading.raw_tables import RawTable
    from features.times import TimeRules


class MissingColumnError(InputError):
    """A table without columns that the mapping names; `section` is the table's name in the mapping."""

    def __init__(self, section: str, *faults: Fault) -> None:
        super().__init__(*faults)
        self.section = section

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.section, *self.faults)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table in canonical form.

    `frame` has a RangeIndex; `rows` (int64) are the numbers of its rows in the file. `rejects` are the
    rows that could not be read, and are not in `frame`; `notes` says what was decided or counted.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    rejects: Rejects
    notes: tuple[str, ...]


@dataclass(slots=True)
class RawColumns:
    """A raw table being read. `section` is the table's name in the mapping; `rejects` and `notes` grow."""

    raw: RawTable
    section: str
    rejects: Rejects = field(init=False)
    notes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        before = self.raw.rejects
        self.rejects = Rejects(self.raw.name, list(before.batches), lead_ids=dict(before.lead_ids))
        self.notes = list(self.raw.notes)

    def cells(self, column: str, *, key: str) -> pd.Series[Any]:
        """Return the raw cells of `column`, which the mapping names under `key`. Raises as `require` does."""
        self.require((column,), key=key)
        return self.raw.cells[column]

    def require(self, columns: Sequence[str], *, key: str) -> None:
        """Raise MissingColumnError where a column that the mapping names under `key` is not in the table."""
        have = [str(name) for name in self.raw.cells.columns]
        absent = [column for column in columns if column not in have]
        if absent:
            raise MissingColumnError(self.section, *(self._absent(column, key, have) for column in absent))

    def ids(self, column: str, *, key: str) -> pd.Series[str]:
        """Return ids as text (`str`, as written; whole floats without '.0'). A missing one is a bad row."""
        texts = as_text(self.cells(column, key=key))
        remedy = f"Fill it in, or correct {self.section}.{key} in the mapping."
        self.refuse(texts.isna().to_numpy(), column, texts, expected="an id", remedy=remedy)
        return texts

    def times(
        self, column: str, rules: TimeRules, *, key: str, day_end: bool, required: bool = True
    ) -> pd.Series[pd.Timestamp]:
        """Return times (datetime64[us, UTC]). An unreadable one is a bad row; if `required`, so is none."""
        cells = self.cells(column, key=key)
        parsed = parse_time_column(cells, rules, day_end=day_end)
        bad = parsed.bad | cells.isna().to_numpy() if required else parsed.bad
        remedy = f"Set {self.section}.time_format in the mapping, or fix the row."
        self.refuse(bad, column, cells, expected=rules.expected, remedy=remedy)
        said_of = f"{self.raw.name}, {column}"
        if parsed.ambiguous:
            said = f"{literal(said_of)}: {{:,}} ambiguous local times read as the earlier one"
            self.notes.append(Count(said, parsed.ambiguous))
        if parsed.shifted:
            said = f"{literal(said_of)}: {{:,}} local times that clocks skipped moved forward"
            self.notes.append(Count(said, parsed.shifted))
        return parsed.times

    def numbers(self, column: str, rules: CellRules, *, key: str) -> pd.Series[float]:
        """Return float64, NaN where missing. Anything else than a finite number is a bad row."""
        cells = self.cells(column, key=key)
        codes, parsed, wrong = parsed_column(
            cast("Sequence[Any]", cells), lambda cell: number_of(cell, rules), np.nan
        )
        bad = np.zeros(len(cells), dtype=bool)
        bad[list(wrong)] = True
        remedy = "Fix the row, or set leads.decimal in the mapping."
        self.refuse(bad, column, cells, expected="a number", remedy=remedy)
        values = np.asarray(parsed, dtype=np.float64)[codes] if parsed else np.empty(0)
        return pd.Series(values, index=cells.index)

    def refuse(
        self, bad: NDArray[np.bool_], column: str, cells: pd.Series[Any], *, expected: str, remedy: str
    ) -> None:
        """Put the rows where `bad` is true among the rejects."""
        if bad.any():
            found = [shown(cell) for cell in cells[bad]]
            rows = cells.index.to_numpy()[bad]
            self.rejects.add(rows, found, column=column, expected=expected, remedy=remedy)

    def finished(self, frame: pd.DataFrame, schema: Any) -> ReadTable:
        """Leave the rejects out, check the rest against a pandera schema, and return the table."""
        good = ~np.isin(frame.index.to_numpy(), self.rejects.rows)
        if "lead_id" in frame:
            self.rejects.name_leads(frame.index.to_numpy()[~good], frame["lead_id"][~good].tolist())
        frame = frame if good.all() else frame[good]
        rows = frame.index.to_numpy(dtype=np.int64)
        frame = checked(frame, schema, self.raw.name)
        return ReadTable(frame.reset_index(drop=True), rows, self.rejects, tuple(self.notes))

    def _absent(self, column: str, key: str, have: list[str]) -> Fault:
        near = difflib.get_close_matches(column, have, n=1, cutoff=0.6)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        columns = ", ".join(have[:30]) + (", ..." if len(have) > 30 else "")
        remedy = f"{meant}Correct {self.section}.{key} in the mapping."
        if self.raw.is_one_line:
            remedy += f" {ONE_LINE}"
        return Fault(self.raw.name, f"a column {column!r}", f"the columns {columns}", remedy)


def as_text(cells: pd.Series[Any]) -> pd.Series[str]:
    """Return cells as `str`, missing where they are: whole numbers without '.0', text as it is."""
    if isinstance(cells.dtype, pd.StringDtype):
        return cells
    return cells.map(_text).astype("str")


def _text(cell: Any) -> str | None:
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, (float, np.floating)):
        if np.isnan(cell):
            return None
        if cell == int(cell):
            return str(int(cell))
    return str(cell).strip() or None


def checked(frame: pd.DataFrame, schema: Any, said_of: str) -> pd.DataFrame:
    """Return `frame` if it obeys a canonical schema. Raises InputError with a fault for each failure.

    The index of `frame` holds the rows' numbers in the file.
    """
    from pandera.errors import SchemaErrors  # noqa: PLC0415 - with pandera itself, only where tables are read

    try:
        valid: pd.DataFrame = schema.validate(frame, lazy=True)
    except SchemaErrors as problem:
        failures = problem.failure_cases
        faults = [
            Fault(
                f"{said_of}, row {case.index}, column {case.column}",
                f"the canonical {schema.name} table's {case.check}",
                shown(case.failure_case),
                "Correct the row, or how the mapping names this column.",
            )
            for case in failures.head(20).itertuples(index=False)
        ]
        raise InputError(*faults) from problem
    return valid
