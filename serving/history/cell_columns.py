"""Objects of cells, one a row, as columns again: in the order, and of the types, that a file of them has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class CellColumns:
    """Gathers JSON objects part by part, and gives their columns.

    Columns stand in the order in which the longest object names them, then as others do: of a file that was
    imported some objects name all its columns, null where a cell is missing (see `import_leads`).
    """

    def __init__(self) -> None:
        self._parts: list[tuple[int, dict[str, pd.Series[Any]]]] = []
        self._shapes: dict[tuple[str, ...], None] = {}

    def add(self, texts: Sequence[str | None]) -> None:
        """Add the objects of the next rows, as they are written in the store; None holds nothing."""
        objects = [json.loads(text) if text else {} for text in texts]
        shapes = dict.fromkeys(tuple(cells) for cells in objects)
        self._shapes |= shapes
        names = dict.fromkeys(name for shape in shapes for name in shape)
        columns = {name: typed([cells.get(name) for cells in objects]) for name in names}
        self._parts.append((len(objects), columns))

    def named(self, others: Iterable[str] = ()) -> dict[str, pd.Series[Any]]:
        """Return the columns, those of `others` that no object names at the end and empty."""
        shapes = sorted(self._shapes, key=len, reverse=True)
        names = dict.fromkeys([*(name for shape in shapes for name in shape), *others])
        return {name: self._column(name) for name in names}

    def _column(self, name: str) -> pd.Series[Any]:
        parts = [columns[name] if name in columns else typed([None] * rows) for rows, columns in self._parts]
        if not parts:
            return typed([])
        if len({str(part.dtype) for part in parts}) == 1 and parts[0].dtype != object:
            return pd.concat(parts, ignore_index=True)
        return typed([cell for part in parts for cell in _cells(part)])


def typed(cells: list[Any]) -> pd.Series[Any]:
    """Return cells (None: missing) as the column that a reader of files makes of them.

    Text alone is `str`; floats alone are float64, whole numbers and booleans their own kind where none is
    missing; anything else stays what each cell is.
    """
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {str}:
        return pd.Series(pd.array(cells, dtype="str"))
    if kinds == {float}:
        return pd.Series(cells, dtype="float64")
    if kinds == {bool} and None not in cells:
        return pd.Series(cells, dtype="bool")
    if kinds == {int} and None not in cells and all(-(2**63) <= cell < 2**63 for cell in cells):
        return pd.Series(cells, dtype="int64")
    return pd.Series(cells, dtype=object)


def _cells(column: pd.Series[Any]) -> list[Any]:
    if column.dtype == object:
        return column.tolist()
    missing = column.isna().tolist()
    return [None if gone else cell for cell, gone in zip(column.tolist(), missing, strict=True)]
