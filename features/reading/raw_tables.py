"""A table as it was written: raw cells, numbered rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from features.reading.rejects import Rejects


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was written.

    `cells`: a column of CSV is `str`, each cell as it stands in the file but for surrounding white
    space, an empty cell missing; columns of Parquet and SQL keep their types. The index is the row's
    number in its file (see `reading.rejects.Rejects`). `rejects` holds the rows that have too many or
    too few cells; `notes` says what was guessed or left out.
    """

    name: str
    cells: pd.DataFrame
    rejects: Rejects
    notes: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
