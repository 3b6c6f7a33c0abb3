"""What the store knows of the companies of a few leads, joined as training joins it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from features.accounts import AccountBook, account_key
from features.cells import CellError
from serving.store.dialects import in_batches
from serving.store.schema import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from sqlalchemy import Connection

    from features.cells import CellRules
    from features.mapping import Accounts

_ROWS = sa.select(ACCOUNTS.c.key, ACCOUNTS.c.known_from, ACCOUNTS.c.cells).order_by(ACCOUNTS.c.number)


class KnownAccounts:
    """Joins the tables of accounts that a mapping names; `features.accounts.AccountBook` says how."""

    def __init__(self, sections: Sequence[Accounts], rules: CellRules, exclude: Sequence[str]) -> None:
        self._sections = sections
        self._rules = rules
        self._exclude = tuple(exclude)

    def joined(
        self, connection: Connection, leads: Sequence[tuple[dict[str, Any], int]]
    ) -> list[dict[str, Any]]:
        """Return the cells of leads, each given with its moment, together with those of their accounts.

        What neither the lead nor its account knows stays as the lead has it, whatever others know.
        """
        tables = [self._table(connection, place, leads) for place in range(len(self._sections))]
        book = AccountBook(tables, self._sections, self._rules, exclude=self._exclude)
        names = dict.fromkeys(name for own, _ in leads for name in own)
        columns: dict[str, Any] = {name: [own.get(name) for own, _ in leads] for name in names}
        book.fill(columns, np.asarray([as_of for _, as_of in leads], np.int64))
        found = {name: columns[name].tolist() for name in book.columns}
        return [
            own | {name: values[at] for name, values in found.items() if values[at] is not None}
            for at, (own, _) in enumerate(leads)
        ]

    def _table(
        self, connection: Connection, place: int, leads: Sequence[tuple[dict[str, Any], int]]
    ) -> pd.DataFrame:
        import pandas as pd  # noqa: PLC0415 - only where a mapping has accounts

        lead_key = self._sections[place].lead_key
        keys = {self._key(own.get(lead_key)) for own, _ in leads} - {None}
        of_place = _ROWS.where(ACCOUNTS.c.place == place)
        rows = [
            row
            for batch in in_batches(keys)
            for row in connection.execute(of_place.where(ACCOUNTS.c.key.in_(batch)))
        ]
        since = pd.Series([row.known_from for row in rows], dtype="Int64")
        columns: dict[str, list[Any]] = defaultdict(lambda: [None] * len(rows))
        for at, row in enumerate(rows):
            for name, cell in row.cells.items():
                columns[name][at] = cell
        return pd.DataFrame(
            {
                "key": pd.Series([row.key for row in rows], dtype="str"),
                "known_from": pd.to_datetime(since, unit="us", utc=True).astype("datetime64[us, UTC]"),
                **{name: pd.Series(cells, dtype=object) for name, cells in columns.items()},
            }
        )

    def _key(self, cell: Any) -> str | None:
        try:
            return account_key(cell, self._rules)
        except CellError:
            return None
