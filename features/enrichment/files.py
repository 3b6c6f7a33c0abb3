"""A provider that is a file: CSV or Parquet, one row a company."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from features.cells import cell_rules
from features.errors import Fault, InputError
from features.reading.files import read_file
from features.reading.lead_rows import known_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from features.mapping import Enrichment


class FileProvider:
    """Knows what stands in a file; of rows with the same key the first counts."""

    def __init__(self, path: Path, key: str, settings: Enrichment) -> None:
        cells = read_file(path, encoding=settings.encoding, delimiter=settings.delimiter).cells
        self._rows = rows_by_key(cells, key, said_of=path.name)

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return the rows of the keys that the file holds."""
        return {key: self._rows[key] for key in keys if key in self._rows}


def rows_by_key(cells: pd.DataFrame, key: str, *, said_of: str) -> dict[str, dict[str, Any]]:
    """Return the known values of each row by its key in lower case; the first row of a key counts.

    Raises InputError where there is no such column.
    """
    if key not in cells.columns:
        remedy = "Correct the key of this provider in the mapping."
        found = ", ".join(map(str, cells.columns[:30])) or "none"
        raise InputError(Fault(said_of, f"a column {key!r}", f"the columns {found}", remedy))
    rules = cell_rules()
    own = cells.drop(columns=[key]).apply(known_cells, args=(rules,))
    rows: dict[str, dict[str, Any]] = {}
    for name, row in zip(cells[key].tolist(), own.to_dict("records"), strict=True):
        if not _is_missing(name):
            known = {str(column): cell for column, cell in row.items() if not _is_missing(cell)}
            rows.setdefault(str(name).strip().casefold(), known)
    return rows


def _is_missing(cell: Any) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and pd.isna(cell))
