"""What no store can hold is a bad row: the NUL character, and ids of more than 512 characters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.errors import Fault, InputError
from features.reading.raw_columns import as_text
from features.reading.rejects import Rejects, shown
from serving.wire.values import ID_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.reading.raw_tables import RawTable

_NUL = "\x00"
_REMEDY = "Fix the row, or leave the bad rows out with --skip-bad-rows."


def storable(raw: RawTable, ids: Sequence[str | None]) -> RawTable:
    """Return the rows that can be kept; the others are among the rejects.

    `ids`: columns that hold ids, first those of the leads.

    Raises InputError where the name of a column holds NUL.
    """
    wrong = [name for name in raw.cells.columns if _NUL in name]
    if wrong:
        raise InputError(Fault(raw.name, "names of columns without NUL", shown(wrong[0]), "Rename it."))
    rejects = Rejects(raw.name, list(raw.rejects.batches), lead_ids=dict(raw.rejects.lead_ids))
    good = np.ones(len(raw.cells), dtype=bool)
    for name in raw.cells.columns:
        column = raw.cells[name]
        bad = _holds_nul(column)
        _refuse(rejects, column, bad, name, "text without the NUL character")
        good &= ~bad
        if name in ids:
            long = column.map(lambda cell: isinstance(cell, str) and len(cell) > ID_LIMIT).to_numpy(bool)
            _refuse(rejects, column, long, name, f"an id of at most {ID_LIMIT} characters")
            good &= ~long
    if ids and ids[0] in raw.cells.columns and not good.all():
        named = [
            None if _is_nul_inside(lead_id) else lead_id for lead_id in as_text(raw.cells[ids[0]][~good])
        ]
        rejects.name_leads(raw.cells.index.to_numpy()[~good], named)
    return raw if good.all() else replace(raw, cells=raw.cells[good], rejects=rejects)


def _refuse(rejects: Rejects, column: pd.Series[Any], bad: np.ndarray, name: str, expected: str) -> None:
    if bad.any():
        rows = column.index.to_numpy()[bad]
        rejects.add(
            rows, [shown(cell) for cell in column[bad]], column=name, expected=expected, remedy=_REMEDY
        )


def _holds_nul(column: pd.Series[Any]) -> np.ndarray:
    if isinstance(column.dtype, pd.StringDtype):
        return column.str.contains(_NUL, regex=False, na=False).to_numpy(bool)
    if column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype):
        return column.map(_is_nul_inside, na_action=None).to_numpy(bool)
    return np.zeros(len(column), dtype=bool)


def _is_nul_inside(cell: Any) -> bool:
    if isinstance(cell, str):
        return _NUL in cell
    if isinstance(cell, dict):
        return any(_is_nul_inside(part) for pair in cell.items() for part in pair)
    if isinstance(cell, list | tuple | np.ndarray):
        return any(_is_nul_inside(part) for part in cell)
    return False
