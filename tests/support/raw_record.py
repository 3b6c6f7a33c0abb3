"""What the tables of a company hold of a lead at a moment, found by plain look-ups in them.

Slow, and by other means than the product's: nothing here has seen a vector, a spec's features or an event
log. It is what a person would find who looks the lead up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection

    from features.mapping import Mapping
    from features.tables import Tables

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", "nat", "<na>"}


@dataclass(frozen=True)
class Record:
    """A lead at a moment: its cells, and the events that had occurred and were known, in their order.

    Of `events` those alone are kept whose type the model knows; columns as in `features.tables`, with `key`:
    the type, or the type with its detail.
    """

    as_of: pd.Timestamp
    created_at: pd.Timestamp
    cells: dict[str, Any]
    events: pd.DataFrame

    @property
    def acts(self) -> pd.DataFrame:
        """What the lead did."""
        return self.events[~self.events["is_touch"]]

    @property
    def touches(self) -> pd.DataFrame:
        """What we did."""
        return self.events[self.events["is_touch"]]

    def text(self, column: str) -> str | None:
        """Return a cell as text, None where it is empty or a spelling of 'not known'."""
        cell = self.cells.get(column)
        if cell is None or (not isinstance(cell, list) and pd.isna(cell)):
            return None
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return " ".join(str(cell).split())


class Records:
    """Looks leads up in tables whose duplicates have been merged."""

    def __init__(self, tables: Tables, mapping: Mapping, known_types: Collection[str]) -> None:
        self._tables, self._mapping = tables, mapping
        self._missing = MISSING | {spelling.casefold() for spelling in mapping.leads.missing}
        self._leads = tables.leads.drop_duplicates("lead_id").set_index("lead_id")
        none = pd.DataFrame(
            columns=["lead_id", "occurred_at", "known_at", "type", "is_touch", "value", "key"]
        )
        events = none if tables.events is None else tables.events
        self._events = events[events["type"].astype(str).isin(known_types)].sort_values(
            ["occurred_at", "is_touch"], ascending=[True, False], kind="stable"
        )
        self._rows = self._events.groupby("lead_id", sort=False).indices

    def of(self, lead_id: str, as_of: pd.Timestamp) -> Record:
        """Return what is known of a lead at a moment."""
        row = self._leads.loc[lead_id]
        cells = {str(name): self._known(row[name]) for name in self._leads.columns}
        cells |= self._changed(lead_id, as_of)
        cells |= self._of_account(cells, as_of)
        own = self._events.iloc[self._rows.get(lead_id, [])]
        return Record(
            as_of, row["created_at"], cells, own[(own["occurred_at"] <= as_of) & (own["known_at"] <= as_of)]
        )

    def _known(self, cell: Any) -> Any:
        if isinstance(cell, str) and " ".join(cell.split()).casefold() in self._missing:
            return None
        return cell

    def _changed(self, lead_id: str, as_of: pd.Timestamp) -> dict[str, Any]:
        """Return the columns that had changed by then, with what stood in them."""
        changes = self._tables.changes
        if changes is None:
            return {}
        own = changes[(changes["lead_id"] == lead_id) & (changes["changed_at"] <= as_of)]
        last = own.sort_values("changed_at", kind="stable").drop_duplicates("column", keep="last")
        return {str(c): self._known(v) for c, v in zip(last["column"], last["value"], strict=True)}

    def _of_account(self, cells: dict[str, Any], as_of: pd.Timestamp) -> dict[str, Any]:
        """Return what tables of accounts add to what the company knows itself."""
        found: dict[str, Any] = {}
        for table, section in zip(self._tables.accounts, self._mapping.accounts, strict=True):
            key = str(cells.get(section.lead_key) or "").casefold().rpartition("@")[2]
            since = table["known_from"].fillna(pd.Timestamp(0, tz="UTC"))
            own = table[(table["key"] == key) & (since <= as_of)]
            for name in table.columns.difference(["key", "known_from"]):
                value = self._known(own.loc[since[own.index].idxmax(), name]) if len(own) else None
                if cells.get(name) is None and found.get(name) is None and not pd.isna(value):
                    found[name] = value
        return found
