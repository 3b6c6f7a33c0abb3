"""A company's history, indexed: leads as they were known at any moment."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.accounts import ORIGINS, AccountBook
from features.batch import LeadBatch
from features.cells import cell_rules
from features.durations import DAY_US
from features.events import NO_TIME, EventLog, event_log, no_events
from features.following import followed
from features.hashing import lead_hashes
from features.learning import Survey, survey
from features.standing import TimeLog, time_log
from features.vectors import Vectors, vectorise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.following import Followed, Following
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.tables import Tables

_OWN = frozenset({"lead_id", "created_at"})

LOGGED_SHARE = 0.9
"""A history that begins at the creation (within a day) of so many of the leads that have one is whole."""


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
        self.owner_hash = lead_hashes(distinct.to_series())[self.owner]
        self._read_events = read_events
        if read_events is None:
            self.events = self._event_log(tables.events)
        dropped = _OWN | set(mapping.leads.exclude)
        self._cells = {name: tables.leads[name] for name in tables.leads.columns if name not in dropped}
        self._changes = self._changes_by_column(tables.changes)
        self._borrowed = frozenset(tables.borrowed)
        self._accounts = _account_book(tables, mapping)

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
        cells = self._own_cells(leads, as_of)
        if self._accounts is not None:
            self._accounts.fill(cells, as_of)
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

    def vectors_and_followed(
        self, spec: FeatureSpec, asked: Following, leads: NDArray[np.int64], as_of: NDArray[np.int64]
    ) -> tuple[Vectors, Followed]:
        """Return the same vectors, and which events came after the moments, in the order asked for."""
        batch = self.at(leads, as_of)
        return vectorise(spec, batch), followed(batch, asked)

    @property
    def is_enriched(self) -> bool:
        """Whether tables of accounts are joined."""
        return self._accounts is not None

    def without_enrichment(self) -> History:
        """Return the same history as if no table of accounts had ever been joined."""
        alone = copy.copy(self)
        alone._accounts = None  # noqa: SLF001 - of the same class
        return alone

    def origins(self, column: str, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return whose word a column's values are at moments: codes of `accounts.ORIGINS`, int8 (n,)."""
        rules = cell_rules(self.mapping.leads.missing, self.mapping.leads.decimal)
        book = self._accounts or AccountBook((), (), rules)
        return book.origins(column, self._own_cells(leads, as_of), as_of)

    def origin_shares(
        self, leads: NDArray[np.int64], as_of: NDArray[np.int64]
    ) -> dict[str, dict[str, float]]:
        """Return for each column of the accounts the share (0-1) of each origin among leads at moments.

        Empty where no accounts are joined, or no leads are asked about.
        """
        if self._accounts is None or not len(leads):
            return {}
        filled = self._accounts.fill(self._own_cells(leads, as_of), as_of)
        return {
            column: {origin: float(np.mean(codes == code)) for code, origin in enumerate(ORIGINS)}
            for column, codes in filled.items()
        }

    def _own_cells(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> dict[str, Cells]:
        return {
            name: self._as_it_stood(name, column.iloc[leads], self.owner[leads], as_of)
            for name, column in self._cells.items()
        }

    def undated(self) -> list[str]:
        """Return the columns without any history: their values may be of later than the moment asked for.

        Undated is also a column whose history seldom says what stood before the first change: of the leads
        that have changes, fewer than LOGGED_SHARE have one at their creation or before. A value borrowed from
        a duplicate is dated by that lead's creation, which says nothing of when it was filled in.
        """
        return [name for name in self._cells if name in self._borrowed or not self._is_logged(name)]

    def _is_logged(self, name: str) -> bool:
        if name not in self._changes:
            return False
        log, _ = self._changes[name]
        created = np.full(len(self._ids), NO_TIME)
        created[self.owner[::-1]] = self.created_at[::-1]
        changed = np.flatnonzero(np.diff(log.offsets) > 0)
        begins = log.at.take(log.offsets[changed])
        from_the_start = begins <= created[changed] + DAY_US
        return bool(len(changed)) and float(from_the_start.mean()) >= LOGGED_SHARE

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

        The value is the last change at or before the moment. Before a lead's first change its value is
        undated: the table's own stands, as it does for a lead that never changed. Nothing may show that a
        change is still to come, not even that a value is missing.
        """
        if name not in self._changes:
            return now
        log, values = self._changes[name]
        stood = now.to_numpy(object).copy()
        found = log.last(owner, as_of)
        stood[found >= 0] = values[found[found >= 0]]
        return pd.Series(stood, dtype=object)


def _account_book(tables: Tables, mapping: Mapping) -> AccountBook | None:
    if not tables.accounts:
        return None
    rules = cell_rules(mapping.leads.missing, mapping.leads.decimal)
    return AccountBook(tables.accounts, mapping.accounts, rules, exclude=mapping.leads.exclude)
