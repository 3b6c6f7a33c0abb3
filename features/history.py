"""A company's history, indexed: leads as they were known at any moment."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.batch import LeadBatch
from features.cells import cell_rules, parsed_column, text_of
from features.emails import domain_of
from features.events import NO_TIME, EventLog, event_log, no_events
from features.learning import Survey, survey
from features.standing import TimeLog, time_log
from features.vectors import Vectors, vectorise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.tables import Tables

_OWN = frozenset({"lead_id", "created_at"})


def microseconds_of(times: pd.Series[Any]) -> NDArray[np.int64]:
    """Return times as int64 microseconds since 1970; a missing time is NO_TIME."""
    return np.asarray(times.to_numpy("datetime64[us]").astype(np.int64))


class History:
    """The tables of a company, ready to be asked what was known about leads at moments.

    Rows of `leads` keep their order; a lead id that stands twice shares its events, changes and account.
    Rows of one person (`tables.person`, for flat data) have one owner, so that no fold parts them.

    Events are in `tables`, or `read_events` brings the log of the owners with the ids that it is given, when
    it is first asked for.
    """

    def __init__(
        self,
        tables: Tables,
        mapping: Mapping,
        *,
        read_events: Callable[[pd.Index[str]], EventLog] | None = None,
    ) -> None:
        self.mapping = mapping
        self.lead_ids: list[str] = tables.leads["lead_id"].tolist()
        self.created_at = microseconds_of(tables.leads["created_at"])
        self.extract_at = int(microseconds_of(pd.Series([tables.extract_at]))[0])
        whose = pd.Index(tables.leads["lead_id"] if tables.person is None else tables.person)
        distinct = whose.drop_duplicates()
        self._ids = distinct
        self.owner = distinct.get_indexer(whose).astype(np.int64)
        self._read_events = read_events
        if read_events is None:
            self.events = self._event_log(tables.events)
        dropped = _OWN | set(mapping.leads.exclude)
        self._cells = {name: tables.leads[name] for name in tables.leads.columns if name not in dropped}
        self._changes = self._changes_by_column(tables.changes)
        self._borrowed = frozenset(tables.borrowed)
        self._accounts = _AccountBook(tables, mapping) if tables.accounts is not None else None

    def __len__(self) -> int:
        return len(self.lead_ids)

    @cached_property
    def events(self) -> EventLog:
        """The events of all owners."""
        return no_events(len(self._ids)) if self._read_events is None else self._read_events(self._ids)

    def owners_of(self, ids: pd.Series[str]) -> NDArray[np.int64]:
        """Return the owner of each lead id, -1 where there is no such lead."""
        return np.asarray(self._ids.get_indexer(pd.Index(ids)), np.int64)

    def at(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> LeadBatch:
        """Return leads (positions, int64 (n,)) as they were known at moments (int64 (n,) microseconds)."""
        cells: dict[str, Cells] = {}
        for name, column in self._cells.items():
            now = column.iloc[leads]
            cells[name] = self._as_it_stood(name, now, self.owner[leads], as_of)
        if self._accounts is not None:
            self._accounts.fill(cells, leads, as_of)
        return LeadBatch(
            lead_ids=[self.lead_ids[lead] for lead in leads.tolist()],
            created_at=self.created_at[leads],
            as_of=as_of,
            cells=cells,
            events=self.events,
            owner=self.owner[leads],
        )

    def survey(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Survey:
        """Return what these rows show of columns and events: what a spec is learned from."""
        return survey(self.at(leads, as_of))

    def vectors(self, spec: FeatureSpec, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Vectors:
        """Return feature vectors, float64 (n, features), in the order asked for."""
        return vectorise(spec, self.at(leads, as_of))

    def undated(self) -> list[str]:
        """Return the columns without any history: their values may be of later than the moment asked for.

        A value borrowed from a duplicate is dated by that lead's creation, which says nothing of when it
        was filled in: a column with no other changes is undated still.
        """
        return [name for name in self._cells if name not in self._changes or name in self._borrowed]

    def _event_log(self, events: pd.DataFrame | None) -> EventLog:
        if events is None:
            return no_events(len(self._ids))
        owner = self.owners_of(events["lead_id"])
        known = events[owner >= 0]
        types, details = known["type"].cat, known["detail"].cat
        return event_log(
            owners=len(self._ids),
            owner=owner[owner >= 0],
            occurred_at=microseconds_of(known["occurred_at"]),
            known_at=microseconds_of(known["known_at"]),
            types=(np.asarray(types.codes, np.int32), types.categories.tolist()),
            details=(np.asarray(details.codes, np.int32), details.categories.tolist()),
            is_touch=known["is_touch"].to_numpy(bool),
            value=known["value"].to_numpy(np.float64),
        )

    def _changes_by_column(self, changes: pd.DataFrame | None) -> dict[str, tuple[TimeLog, NDArray[Any]]]:
        if changes is None:
            return {}
        logs = {}
        for name, rows in changes.groupby("column", sort=False):
            owner = self.owners_of(rows["lead_id"])
            kept = rows[owner >= 0]
            log = time_log(len(self._ids), owner[owner >= 0], microseconds_of(kept["changed_at"]))
            logs[str(name)] = (log, kept["value"].to_numpy(object))
        return logs

    def _as_it_stood(
        self, name: str, now: pd.Series[Any], owner: NDArray[np.int64], as_of: NDArray[np.int64]
    ) -> Cells:
        """Return the values of a column at the moments.

        The value is the last change at or before the moment; nothing, where all changes came later; and
        the table's own value where the lead's value has no history at all.
        """
        if name not in self._changes:
            return now
        log, values = self._changes[name]
        stood = now.to_numpy(object).copy()
        found = log.last(owner, as_of)
        dated = log.has_any(owner)
        stood[dated] = None
        stood[found >= 0] = values[found[found >= 0]]
        return pd.Series(stood, dtype=object)


class _AccountBook:
    """What is known about the leads' companies, and since when. First-party values win."""

    def __init__(self, tables: Tables, mapping: Mapping) -> None:
        if tables.accounts is None or mapping.accounts is None:
            raise TypeError("an account book needs accounts")
        accounts = tables.accounts
        keys = pd.Index(accounts["key"]).drop_duplicates()
        dropped = {"key", "known_from", *mapping.leads.exclude}
        self._columns = {c: accounts[c] for c in accounts.columns if c not in dropped}
        self._log = time_log(
            len(keys), keys.get_indexer(pd.Index(accounts["key"])).astype(np.int64), _since(accounts)
        )
        rules = cell_rules(mapping.leads.missing, mapping.leads.decimal)
        held = tables.leads[mapping.accounts.lead_key]
        codes, parsed, _ = parsed_column(held, lambda cell: _key_of(text_of(cell, rules)), None)
        self._account = keys.get_indexer(pd.Index([key or "" for key in parsed]))[codes].astype(np.int64)

    def fill(self, cells: dict[str, Cells], leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> None:
        """Add the accounts' columns to the cells, as they were known at the moments."""
        account = self._account[leads]
        has = np.flatnonzero(account >= 0)
        row = np.full(len(leads), -1, np.int64)
        row[has] = self._log.last(account[has], as_of[has])
        for name, column in self._columns.items():
            values = np.full(len(leads), None, object)
            values[row >= 0] = column.to_numpy(object)[row[row >= 0]]
            own = cells.get(name)
            if own is not None:
                first_party = pd.Series(own, dtype=object).reset_index(drop=True)
                values = first_party.where(first_party.notna(), pd.Series(values)).to_numpy(object)
            cells[name] = pd.Series(values, dtype=object)


def _since(accounts: pd.DataFrame) -> NDArray[np.int64]:
    since = microseconds_of(accounts["known_from"])
    return np.where(since == NO_TIME, NO_TIME + 1, since)


def _key_of(text: str | None) -> str | None:
    return None if text is None else domain_of(text) or text.casefold()
