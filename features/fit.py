"""The fit part of the vector: what the columns of a lead say, read cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import boolean_of, number_of, parsed_column, text_of, values_of
from features.emails import KINDS, kind_of_domain
from features.errors import Fault
from features.feature import Feature
from features.titles import FUNCTION, SENIORITY, function_of, seniority_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.cells import CellRules
    from features.columns import Column


def column_features(column: Column) -> Iterable[Feature]:
    """Return the features of a column, in the order of the vector."""
    name, family = column.name, column.family
    if column.kind == "title":
        yield Feature(f"{name}.seniority", "category", family, name, "seniority", None, SENIORITY)
        yield Feature(f"{name}.function", "category", family, name, "function", None, FUNCTION)
    elif column.kind == "email":
        yield Feature(f"{name}.kind", "category", family, name, "kind", None, KINDS)
    elif column.kind == "multi":
        for value in column.vocabulary:
            yield Feature(f"{name}.{value}", "contains", family, name, value)
    elif column.kind == "category":
        yield Feature(name, "category", family, name, None, None, column.vocabulary)
    elif column.kind == "number":
        yield Feature(name, "number", family, name)
    else:
        yield Feature(name, "boolean", family, name)


class FitPlan:
    """How the columns of a spec are read; made once, used for one row or for many.

    `width` is how many numbers of the vector it fills, from the first.
    """

    def __init__(self, columns: Sequence[Column], rules: CellRules) -> None:
        self._readers = [(column.name, _reader(column, rules)) for column in columns]
        self.width = sum(reader.width for _, reader in self._readers)

    def fill(
        self, values: NDArray[np.float64], cells: Mapping[str, Cells]
    ) -> tuple[dict[int, tuple[Fault, ...]], tuple[str, ...]]:
        """Fill the first columns of `values`, float64 (n, features), which start as NaN.

        Returns the faults of rows that hold an unreadable cell, and the columns that are not in `cells`.
        """
        faults: dict[int, tuple[Fault, ...]] = {}
        absent = []
        at = 0
        for name, reader in self._readers:
            if name not in cells:
                absent.append(name)
            else:
                codes, parsed, wrong = parsed_column(cells[name], reader.parse, reader.nothing)
                width = reader.width
                values[:, at : at + width] = np.asarray(parsed, np.float64).reshape(-1, width)[codes]
                for row, expected in wrong.items():
                    found = repr(_cell(cells[name], row))[:80]
                    fault = Fault(name, expected, found, "Correct the value, or send none.")
                    faults[row] = (*faults.get(row, ()), fault)
            at += reader.width
        return faults, tuple(absent)


def _cell(cells: Cells, row: int) -> Any:
    """Return a cell by its position: a table's column is labelled by the rows that it was taken from."""
    return cells.iloc[row] if isinstance(cells, pd.Series) else cells[row]


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the cells of one column become `width` numbers."""

    parse: Callable[[Any], tuple[float, ...]]
    width: int

    @property
    def nothing(self) -> tuple[float, ...]:
        return (np.nan,) * self.width


def _reader(column: Column, rules: CellRules) -> _Reader:
    match column.kind:
        case "number":
            return _Reader(lambda cell: (number_of(cell, rules),), 1)
        case "boolean":
            return _Reader(lambda cell: (boolean_of(cell, rules),), 1)
        case "category":
            return _Reader(_category(column.vocabulary, rules), 1)
        case "title":
            return _Reader(_title(rules), 2)
        case "email":
            return _Reader(_email(rules), 1)
        case "multi":
            return _Reader(_multi(column, rules), len(column.vocabulary))


def _category(vocabulary: Sequence[str], rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    code = {value.casefold(): float(position) for position, value in enumerate(vocabulary)}
    other = float(len(vocabulary))

    def parse(cell: Any) -> tuple[float, ...]:
        text = text_of(cell, rules)
        return (np.nan,) if text is None else (code.get(text.casefold(), other),)

    return parse


def _title(rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    def parse(cell: Any) -> tuple[float, ...]:
        title = text_of(cell, rules)
        if title is None:
            return (np.nan, np.nan)
        return (float(SENIORITY.index(seniority_of(title))), float(FUNCTION.index(function_of(title))))

    return parse


def _email(rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    def parse(cell: Any) -> tuple[float, ...]:
        address = text_of(cell, rules)
        kind = None if address is None else kind_of_domain(address)
        return (np.nan,) if kind is None else (float(KINDS.index(kind)),)

    return parse


def _multi(column: Column, rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    names = [value.casefold() for value in column.vocabulary]

    def parse(cell: Any) -> tuple[float, ...]:
        values = values_of(cell, column.separator, rules)
        if values is None:
            return (np.nan,) * len(names)
        held = {value.casefold() for value in values}
        return tuple(float(name in held) for name in names)

    return parse
