"""What was found beside the scores: rows that cannot be scored, and what scores took no notice of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

import pandas as pd

from features.errors import Fault, InputError
from features.reading.rejects import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.reading.rejects import Rejects
    from leadlens.score_columns import RowFault


@dataclass(slots=True)
class Findings:
    """Grows while leads are scored. `said_of`: the file, as a person knows it; `read`: its bad rows."""

    said_of: str
    read: tuple[Rejects, ...] = ()
    faults: list[RowFault] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)

    def add(self, faults: Iterable[RowFault], warnings: Counter[str]) -> None:
        """Take note of what a part came to."""
        self.faults += faults
        self.warnings.update(warnings)

    def refuse(self) -> None:
        """Raise InputError where a row cannot be scored, with the first of them spelled out."""
        if self.faults:
            placed = [_placed(one, self.said_of) for one in self._in_order()]
            raise InputError(*_first(placed, self.said_of))

    def rejects(self) -> pd.DataFrame:
        """Return the rows that could not be read or scored, as a file of rejects holds them."""
        lines = [
            {
                "row": one.row,
                "lead_id": one.lead_id,
                "column": one.fault.where,
                "found": one.fault.found,
                "reason": str(_placed(one, self.said_of)),
            }
            for one in self._in_order()
        ]
        mine = pd.DataFrame(lines, columns=COLUMNS)
        parts = [part for part in (*(rejects.table() for rejects in self.read), mine) if len(part)]
        return pd.concat(parts, ignore_index=True) if parts else mine

    def _in_order(self) -> list[RowFault]:
        return sorted(self.faults, key=attrgetter("row"))


def rejected_rows(rejects: pd.DataFrame) -> int:
    """Return how many rows were rejected: a row is one of its file, which the reason begins with."""
    files = [reason.partition(", row ")[0] for reason in rejects["reason"].tolist()]
    return len(set(zip(files, rejects["row"].tolist(), strict=True)))


def _placed(one: RowFault, name: str) -> Fault:
    fault = one.fault
    return Fault(f"{name}, row {one.row}, column {fault.where}", fault.expected, fault.found, fault.remedy)


def _first(faults: list[Fault], name: str, shown_at_most: int = 20) -> list[Fault]:
    first, rest = faults[:shown_at_most], len(faults) - shown_at_most
    if rest > 0:
        remedy = "Fix them, or leave the bad rows out with --skip-bad-rows."
        first.append(Fault(name, "every row to be readable", f"{rest:,} more faults", remedy))
    return first
