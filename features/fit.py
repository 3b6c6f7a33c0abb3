"""The fit part of the vector: what the columns of a lead say, read cell by cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from features.cells import CellError, parsed_column
from features.columns.derived_readers import derived_reader_of
from features.columns.emails import KINDS
from features.columns.places import REGIONS
from features.columns.readers import reader_of
from features.columns.sources import SOURCES
from features.columns.titles import FUNCTION, SENIORITY
from features.errors import Fault
from features.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.cells import CellRules
    from features.columns import Column
    from features.columns.derived_readers import DerivedReader
    from features.columns.readers import CellReader


def column_features(column: Column) -> Iterable[Feature]:
    """Return the features of a column, in the order of the vector."""
    name, family = column.name, column.family
    if column.kind == "multi":
        for value in column.vocabulary:
            yield Feature(f"{name}.{value}", "contains", family, name, value)
    elif column.kind in {"number", "completeness"}:
        yield Feature(name, "number", family, name, "completeness" if column.is_derived else None)
    elif column.kind == "boolean":
        yield Feature(name, "boolean", family, name)
    else:
        for part, vocabulary in _codes(column):
            own = part is None or column.is_derived
            yield Feature(name if own else f"{name}.{part}", "category", family, name, part, None, vocabulary)


def _codes(column: Column) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Return the parts of a column that are categories, each with the names of its codes."""
    match column.kind:
        case "title":
            return (("seniority", SENIORITY), ("function", FUNCTION))
        case "email":
            return (("kind", KINDS),)
        case "country":
            return ((None, column.vocabulary), ("region", REGIONS))
        case "source":
            return (("source", SOURCES),)
        case _:
            return ((None, column.vocabulary),)


Parse: TypeAlias = "Callable[[Any], tuple[float, ...]]"

_FEW_TEXTS = frozenset({"category", "country", "title"})
"""The kinds of columns whose texts come again and again."""

MOST_TEXTS_KEPT = 10_000
LONGEST_TEXT_KEPT = 200

MOST_SETS_KEPT = 1_000
"""Of so many sets of columns is kept which they lack."""


class FitPlan:
    """How the columns of a spec are read; made once, used for one row or for many.

    `width` is how many numbers of the vector it fills, from the first. One row and many rows go through the
    same parsers and give the same bits; one row spares itself the arrays.
    """

    def __init__(self, columns: Sequence[Column], rules: CellRules) -> None:
        self._readers: list[tuple[str, int, CellReader]] = []
        self._parsers: list[tuple[str, slice | int, Parse, _Remembered | None]] = []
        self._derived: list[tuple[int, DerivedReader]] = []
        start: dict[str, int] = {}
        at = 0
        for column in columns:
            start[column.name] = at
            if not column.is_derived:
                reader = reader_of(column, rules)
                place = at if reader.width == 1 else slice(at, at + reader.width)
                self._readers.append((column.name, at, reader))
                remembered = _Remembered(reader.parse) if column.kind in _FEW_TEXTS else None
                self._parsers.append((column.name, place, reader.parse, remembered))
            at += sum(1 for _ in column_features(column))
        for column in columns:
            if column.is_derived:
                self._derived.append((start[column.name], derived_reader_of(column, rules, start)))
        self.width = at
        self._nothing = [math.nan] * at
        self._names = expected_columns(columns)
        self._absent_of: dict[tuple[str, ...], tuple[str, ...]] = {}

    def fill(
        self, values: NDArray[np.float64], cells: Mapping[str, Cells]
    ) -> tuple[dict[int, tuple[Fault, ...]], tuple[str, ...]]:
        """Fill the first columns of `values`, float64 (n, features), which start as NaN.

        Returns the faults of rows that hold an unreadable cell, and the columns that are not in `cells`.
        """
        if len(values) == 1:
            one = {name: _cell(column, 0) for name, column in cells.items()}
            values[0, : self.width], faults, absent = self.read(one)
            return {0: faults} if faults else {}, absent
        return self._fill_many(values, cells), self._absent(cells)

    def read(self, cells: Mapping[str, Any]) -> tuple[list[float], tuple[Fault, ...], tuple[str, ...]]:
        """Return the first numbers of the vector of one lead with these cells, NaN where nothing is known.

        Beside them the faults of its cells, and the columns that are not in `cells`.
        """
        row = self._nothing.copy()
        faults: list[Fault] = []
        for name, place, parse, remembered in self._parsers:
            cell = cells.get(name)
            if cell is None:
                continue
            try:
                parsed = parse(cell) if remembered is None or type(cell) is not str else remembered[cell]
            except CellError as problem:
                faults.append(_fault(name, str(problem), cell))
                continue
            if type(place) is int:
                (row[place],) = parsed
            else:
                row[place] = parsed  # type: ignore[index]  # else it is a slice
        for at, derived in self._derived:
            row[at] = derived.of_one(row, cells)
        return row, tuple(faults), self._absent(cells)

    def _absent(self, cells: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the columns that are not in `cells`. The same few sets of columns come again and again."""
        sent = tuple(cells)
        absent = self._absent_of.get(sent)
        if absent is None:
            absent = tuple([name for name in self._names if name not in cells])
            if len(self._absent_of) < MOST_SETS_KEPT:
                self._absent_of[sent] = absent
        return absent

    def _fill_many(
        self, values: NDArray[np.float64], cells: Mapping[str, Cells]
    ) -> dict[int, tuple[Fault, ...]]:
        faults: dict[int, tuple[Fault, ...]] = {}
        for name, at, reader in self._readers:
            if name in cells:
                codes, parsed, wrong = parsed_column(cells[name], reader.parse, reader.nothing)
                numbers = np.asarray(parsed, np.float64).reshape(-1, reader.width)
                values[:, at : at + reader.width] = numbers[codes]
                for row, expected in wrong.items():
                    fault = _fault(name, expected, _cell(cells[name], row))
                    faults[row] = (*faults.get(row, ()), fault)
        for at, derived in self._derived:
            values[:, at] = derived.of_many(values, cells)
        return faults


class _Remembered(dict[str, "tuple[float, ...]"]):
    """What texts of a column were parsed to, made when one first comes; most leads have the same few."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> tuple[float, ...]:
        parsed = self._parse(text)
        if len(self) < MOST_TEXTS_KEPT and len(text) < LONGEST_TEXT_KEPT:
            self[text] = parsed
        return parsed


def expected_columns(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return the names of the company's own columns that are read, those too that only derived ones read."""
    named: dict[str, None] = {}
    for column in columns:
        own = [name for _, name in column.reads] if column.is_derived else [column.name]
        named.update(dict.fromkeys(own))
    return tuple(named)


def _cell(cells: Cells, row: int) -> Any:
    """Return a cell by its position: a table's column is labelled by the rows that it was taken from."""
    return cells.iloc[row] if isinstance(cells, pd.Series) else cells[row]


def _fault(name: str, expected: str, found: Any) -> Fault:
    return Fault(name, expected, repr(found)[:80], "Correct the value, or send none.")
