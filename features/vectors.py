"""From leads to feature vectors: the one function that training, files and requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import boolean_of, number_of, parsed_column, text_of, values_of
from features.durations import DAY_US
from features.emails import KINDS, kind_of_domain
from features.engagement import fill_events
from features.errors import Fault
from features.events import NO_TIME
from features.titles import FUNCTION, SENIORITY, function_of, seniority_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import Cells, LeadBatch
    from features.cells import CellRules
    from features.columns import Column
    from features.spec import FeatureSpec


@dataclass(frozen=True, slots=True)
class Vectors:
    """What was read: `values` float64 (n, features), NaN where missing.

    `faults` are those of rows that could not be read; `absent` the columns that the spec uses and the
    batch does not bring.
    """

    values: NDArray[np.float64]
    faults: Mapping[int, tuple[Fault, ...]]
    absent: tuple[str, ...]


def vectorise(spec: FeatureSpec, batch: LeadBatch) -> Vectors:
    """Return the feature vectors of n leads at their moments.

    A row depends on nothing but its own lead and moment: one row and a million rows give the same bits.
    """
    values = np.full((len(batch), len(spec.features)), np.nan)
    faults: dict[int, list[Fault]] = {}
    absent = []
    at = 0
    for column in spec.columns:
        reader = _reader(column, spec.rules)
        if column.name not in batch.cells:
            absent.append(column.name)
        else:
            codes, parsed, wrong = parsed_column(batch.cells[column.name], reader.parse, reader.nothing)
            values[:, at : at + reader.width] = np.asarray(parsed, np.float64).reshape(-1, reader.width)[
                codes
            ]
            for row, expected in wrong.items():
                found = repr(_cell(batch.cells[column.name], row))[:80]
                fault = Fault(column.name, expected, found, "Correct the value, or send none.")
                faults.setdefault(row, []).append(fault)
        at += reader.width
    if spec.has_age:
        known = batch.created_at != NO_TIME
        values[known, at] = (batch.as_of[known] - batch.created_at[known]) / DAY_US
    if spec.has_events:
        fill_events(values, spec, batch)
    return Vectors(values, {row: tuple(of_row) for row, of_row in faults.items()}, tuple(absent))


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
