"""What is known about the leads' companies from tables beside the leads, since when, and whose word it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import CellError, parsed_column, text_of, values_of
from features.columns.emails import domain_of
from features.events import NO_TIME
from features.standing import time_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.cells import CellRules
    from features.mapping import Accounts

ORIGINS = ("first-party", "enriched", "third-party", "unknown")
"""Whose word a value is, by its code: the company's own, that of a table of accounts, nobody's."""

UNKNOWN = len(ORIGINS) - 1


class AccountBook:
    """The tables of accounts, in order of precedence, asked for leads at moments.

    A value is the company's own where it is known (by `rules`, so that 'Select' is not), else that of the
    first table whose last row known by then holds one.
    """

    def __init__(
        self,
        tables: Sequence[pd.DataFrame],
        sections: Sequence[Accounts],
        rules: CellRules,
        *,
        exclude: Sequence[str] = (),
    ) -> None:
        self._rules = rules
        self._tables = [
            _AccountTable(table, section, rules, frozenset(exclude))
            for table, section in zip(tables, sections, strict=True)
        ]
        self.columns = tuple(dict.fromkeys(name for table in self._tables for name in table.columns))

    def fill(self, cells: dict[str, Cells], as_of: NDArray[np.int64]) -> dict[str, NDArray[np.int8]]:
        """Add the accounts' columns to n leads' cells, as they were known at moments, int64 (n,).

        `cells` hold the leads' own values as they stood then; by these the accounts are found. Returns for
        each of `columns` the codes of ORIGINS, int8 (n,).
        """
        rows = [table.rows_at(cells, as_of) for table in self._tables]
        found = {name: self._found(name, cells, rows, len(as_of)) for name in self.columns}
        cells.update({name: pd.Series(values, dtype=object) for name, (values, _) in found.items()})
        return {name: origin for name, (_, origin) in found.items()}

    def origins(self, column: str, cells: dict[str, Cells], as_of: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the codes of ORIGINS for one column, of the accounts or not, int8 (n,)."""
        rows = [table.rows_at(cells, as_of) for table in self._tables]
        return self._found(column, cells, rows, len(as_of))[1]

    def _found(
        self, name: str, cells: dict[str, Cells], rows: Sequence[NDArray[np.int64]], size: int
    ) -> tuple[NDArray[Any], NDArray[np.int8]]:
        values, origin = self._own(cells.get(name), size)
        for table, row in zip(self._tables, rows, strict=True):
            if name in table.columns:
                held, known = table.columns[name]
                wanted = np.flatnonzero((origin == UNKNOWN) & (row >= 0))
                wanted = wanted[known[row[wanted]]]
                values[wanted] = held[row[wanted]]
                origin[wanted] = table.origin
        return values, origin

    def _own(self, cells: Cells | None, size: int) -> tuple[NDArray[Any], NDArray[np.int8]]:
        """Return the company's own values, None where they are not known, and their origins."""
        values, origin = np.full(size, None, object), np.full(size, UNKNOWN, np.int8)
        if cells is not None:
            known = _known(cells, self._rules)
            values[known] = pd.Series(cells, dtype=object).to_numpy(object)[known]
            origin[known] = 0
        return values, origin


class _AccountTable:
    """One table of accounts, as a log by key."""

    def __init__(
        self, table: pd.DataFrame, section: Accounts, rules: CellRules, exclude: frozenset[str]
    ) -> None:
        self.origin = ORIGINS.index(section.origin)
        self._lead_key = section.lead_key
        self._rules = rules
        self._keys = pd.Index(table["key"]).drop_duplicates()
        owner = self._keys.get_indexer(pd.Index(table["key"])).astype(np.int64)
        since = np.asarray(table["known_from"].to_numpy("datetime64[us]").astype(np.int64))
        # A row without a time was always known, and gives way to any that has one.
        self._log = time_log(len(self._keys), owner, np.where(since == NO_TIME, NO_TIME + 1, since))
        dropped = {"key", "known_from"} | exclude
        self.columns = {
            str(name): (table[name].to_numpy(object), _known(table[name], rules))
            for name in table.columns
            if name not in dropped
        }

    def rows_at(self, cells: dict[str, Cells], as_of: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each lead the row that was known last at its moment, -1 where none was."""
        row = np.full(len(as_of), -1, np.int64)
        if self._lead_key not in cells or not len(self._keys):
            return row
        codes, keys, _ = parsed_column(cells[self._lead_key], self._key_of, None)
        account = self._keys.get_indexer(pd.Index([key or "" for key in keys], dtype="str"))[codes]
        has = np.flatnonzero(account >= 0)
        row[has] = self._log.last(account[has].astype(np.int64), as_of[has])
        return row

    def _key_of(self, cell: Any) -> str | None:
        return account_key(cell, self._rules)


def account_key(cell: Any, rules: CellRules) -> str | None:
    """Return what an account is found by: of an e-mail address the domain, of an id itself, in lower case.

    >>> from features.cells import CellRules
    >>> account_key("Someone@ACME.example", CellRules()), account_key("ACC-1", CellRules())
    ('acme.example', 'acc-1')
    """
    text = text_of(cell, rules)
    return None if text is None else domain_of(text) or text.casefold()


def _known(cells: Cells, rules: CellRules) -> NDArray[np.bool_]:
    """Return which cells say anything. One that cannot be read does: it is a fault, not a gap to fill."""

    def is_known(cell: Any) -> bool:
        try:
            if isinstance(cell, (list, tuple, np.ndarray)):
                return values_of(cell, ";", rules) is not None
            return text_of(cell, rules) is not None
        except CellError:
            return True

    codes, known, _ = parsed_column(cells, is_known, False)
    return np.asarray(known, np.bool_)[codes]
