"""Cells of files as the store keeps them: JSON from which every reader of cells reads the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Plain = str | int | float | bool | list[Any] | dict[str, Any] | None


_PLAIN_TYPES = (np.dtype("int64"), np.dtype("bool"))


def plain_column(cells: pd.Series[Any]) -> list[Plain]:
    """Return a column's cells, None where they are missing."""
    if isinstance(cells.dtype, pd.StringDtype):
        held: list[Plain] = cells.astype(object).where(cells.notna(), None).tolist()
        return held
    if cells.dtype in _PLAIN_TYPES:
        return cells.tolist()
    if cells.dtype == np.float64 and not np.isinf(cells.to_numpy()).any():
        return [None if number != number else number for number in cells.tolist()]  # noqa: PLR0124 - only nan differs from itself
    return [plain_cell(cell) for cell in cells]


def plain_cell(cell: Any) -> Plain:
    """Return a cell as JSON; None where it is missing. A time, or whatever else JSON lacks, is its text.

    >>> plain_cell(np.int64(420)), plain_cell(float("nan")), plain_cell(pd.Timestamp("2026-01-31"))
    (420, None, '2026-01-31 00:00:00')
    """
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | np.integer):
        return int(cell)
    if isinstance(cell, float | np.floating):
        number = float(cell)
        if math.isnan(number):
            return None
        return number if math.isfinite(number) else str(number)
    if isinstance(cell, list | tuple | np.ndarray):
        return [plain_cell(part) for part in cell]
    if isinstance(cell, dict):
        return plain_object(cell)
    return str(cell)


def plain_object(members: Mapping[Any, Any]) -> dict[str, Plain]:
    """Return the members of a JSON object."""
    return {str(name): plain_cell(value) for name, value in members.items()}


def plain_rows(columns: Mapping[str, Sequence[Plain]], rows: int) -> list[dict[str, Plain]]:
    """Return the cells of each row that are not missing, by column."""
    names = list(columns)
    if not names:
        return [{} for _ in range(rows)]
    return [
        {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
        for cells in zip(*columns.values(), strict=True)
    ]
