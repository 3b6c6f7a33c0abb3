"""A table as it was written: raw cells, numbered rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from features.reading.rejects import Rejects


ONE_LINE = (
    "The file has one line alone. Send it with its line breaks: with curl, use --data-binary rather than -d."
)
"""What may have happened to CSV whose only line is not the header that it should be."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was written.

    `cells`: a column of CSV is `str`, each cell as it stands in the file but for surrounding white
    space, an empty cell missing; columns of Parquet and SQL keep their types. The index is the row's
    number in its file (see `reading.rejects.Rejects`). `rejects` holds the rows that have too many or
    too few cells; `notes` says what was guessed or left out.

    It may be a part of a table that is read bit by bit. Then `nameless` says of each column without a name
    whether this part holds a value of it: what becomes of the column is known when all parts are read.
    """

    name: str
    cells: pd.DataFrame
    rejects: Rejects
    notes: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    nameless: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_one_line(self) -> bool:
        """Whether it is CSV that has a header and nothing else."""
        return self.delimiter is not None and not len(self.cells) and not self.rejects.batches


def nameless_note(said_of: str, name: str, *, has_values: bool) -> str:
    """Say what became of a column without a name; without values it is left out."""
    if has_values:
        return f"{said_of}: a column without a name is called {name!r}"
    return f"{said_of}: {name} has neither a name nor values and was left out"
