"""Texts that are too long to be a lead's: their rows are bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.reading.raw_tables import RawTable

_SHOWN = 40


def within_text_limit(raw: RawTable, limit: int | None) -> RawTable:
    """Put the rows with a text of more than `limit` characters among a table's rejects, and empty the cells.

    A text in a list counts by itself, and as bytes where it is bytes. None is no limit.
    """
    if limit is None:
        return raw
    for number, column in enumerate(raw.cells.columns):
        cells = raw.cells.iloc[:, number]
        long = _too_long(cells, limit)
        if long.any():
            rows = raw.cells.index.to_numpy()[long]
            found = [f"{str(cell)[:_SHOWN]}…" for cell in cells[long]]
            expected = f"texts of at most {limit:,} characters"
            raw.rejects.add(rows, found, column=str(column), expected=expected, remedy="Shorten it.")
            raw.cells.isetitem(number, cells.mask(long).array)
    return raw


def _too_long(cells: pd.Series[Any], limit: int) -> NDArray[np.bool_]:
    if isinstance(cells.dtype, pd.StringDtype):
        return (cells.str.len().fillna(0) > limit).to_numpy(bool)
    if cells.dtype == object:
        return np.array([_longest(cell) > limit for cell in cells], dtype=bool)
    return np.zeros(len(cells), dtype=bool)


def _longest(cell: Any) -> int:
    if isinstance(cell, (str, bytes)):
        return len(cell)
    if isinstance(cell, (list, tuple, np.ndarray)):
        return max((_longest(one) for one in cell), default=0)
    if isinstance(cell, dict):
        return max((_longest(one) for one in cell.values()), default=0)
    return 0
