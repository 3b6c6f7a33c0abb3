"""How derived columns become numbers: the source from texts, the completeness from what the others read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from features.cells import CellError, parsed_column, text_of
from features.columns.sources import SOURCES, source_of_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.cells import CellRules
    from features.columns.learned import Column

_CODE = {name: float(code) for code, name in enumerate(SOURCES)} | {None: math.nan}


class DerivedReader(Protocol):
    """Reads one number a row, after all plain columns have been read."""

    def of_one(self, row: Sequence[float], cells: Mapping[str, Any]) -> float:
        """Return the number of one lead with its cells, whose plain columns are read into `row`."""

    def of_many(self, values: NDArray[np.float64], cells: Mapping[str, Cells]) -> NDArray[np.float64]:
        """Return the numbers of n rows, float64 (n,), whose plain columns are read into `values`."""


def derived_reader_of(column: Column, rules: CellRules, start: Mapping[str, int]) -> DerivedReader:
    """Return the reader of a derived column; `start`: where in the vector each column begins."""
    if column.kind == "source":
        return _SourceReader(column, rules)
    return _CompletenessReader([start[name] for _, name in column.reads if name in start])


class _SourceReader:
    def __init__(self, column: Column, rules: CellRules) -> None:
        self._reads: tuple[tuple[Any, str], ...] = column.reads
        self._rules = rules

    def of_one(self, row: Sequence[float], cells: Mapping[str, Any]) -> float:  # noqa: ARG002 - DerivedReader
        told = []
        for role, name in self._reads:
            if name in cells:
                told.append((role, self._text(cells[name])))
        return _CODE[source_of_texts(told)]

    def of_many(self, values: NDArray[np.float64], cells: Mapping[str, Cells]) -> NDArray[np.float64]:
        """Ask once for each combination of texts that occurs."""
        combination = np.zeros(len(values), np.int64)
        columns = []
        for role, name in self._reads:
            if name in cells:
                codes, texts, _ = parsed_column(cells[name], self._text, None)
                columns.append((role, codes, texts))
                combination = pd.factorize(combination * len(texts) + codes)[0]
        _, first = np.unique(combination, return_index=True)
        sources = [
            _CODE[source_of_texts([(role, texts[codes[row]]) for role, codes, texts in columns])]
            for row in first.tolist()
        ]
        return np.asarray(sources, np.float64)[combination]

    def _text(self, cell: Any) -> str | None:
        try:
            return text_of(cell, self._rules)
        except CellError:
            return None


class _CompletenessReader:
    """The share of columns that are known (0-1). A column is unknown where its first number is missing.

    NaN where none is known: of a lead of whom nothing is known there is nothing to say, and no merit is made
    of it. Of columns that a spec no longer holds there is no share.
    """

    def __init__(self, positions: Sequence[int]) -> None:
        self._positions = list(positions)

    def of_one(self, row: Sequence[float], cells: Mapping[str, Any]) -> float:  # noqa: ARG002 - DerivedReader
        known = len(self._positions) - sum([row[at] != row[at] for at in self._positions])  # nan
        return known / len(self._positions) if known else math.nan

    def of_many(self, values: NDArray[np.float64], cells: Mapping[str, Cells]) -> NDArray[np.float64]:  # noqa: ARG002 - DerivedReader
        known: NDArray[np.int64] = (~np.isnan(values[:, self._positions])).sum(axis=1)
        return np.where(known > 0, known / max(1, len(self._positions)), np.nan)
