"""Where the pages find leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from features.batch import LeadBatch
    from features.history import History


class LeadBook(Protocol):
    """Leads that a page can show, each at the moment as of which it is scored."""

    def find(self, lead_id: str) -> LeadBatch | None:
        """Return one lead, or None where there is none of this id."""
        ...

    def first_open(self, limit: int) -> LeadBatch | None:
        """Return the first leads that have no outcome yet, at most `limit`; None where there are none."""
        ...


class NoLeads:
    """The book of a home without files of leads."""

    def find(self, lead_id: str) -> None:
        """Return None: there is no lead."""

    def first_open(self, limit: int) -> None:
        """Return None: there is no lead."""


class HistoryBook:
    """The leads of a company's files, as they were known when the files were taken out (`extract_at`)."""

    def __init__(self, history: History, ended: frozenset[str]) -> None:
        self._history = history
        self._position = {lead_id: at for at, lead_id in reversed(list(enumerate(history.lead_ids)))}
        self._open = [at for lead_id, at in self._position.items() if lead_id not in ended][::-1]

    def find(self, lead_id: str) -> LeadBatch | None:
        """Return the lead as it was known at `extract_at`, or None. Of a repeated id the first row counts."""
        at = self._position.get(lead_id)
        return None if at is None else self._at([at])

    def first_open(self, limit: int) -> LeadBatch | None:
        """Return the first leads of the files without an outcome."""
        return self._at(self._open[:limit]) if self._open else None

    def _at(self, positions: list[int]) -> LeadBatch:
        leads = np.asarray(positions, np.int64)
        return self._history.at(leads, np.full(len(leads), self._history.extract_at, np.int64))


def book_of_files(path: Path) -> LeadBook:
    """Read the files that a mapping names. Raises InputError where they cannot be read."""
    from features.history import History  # noqa: PLC0415 - compiled kernels: loaded where there are files to read
    from features.mapping import read_mapping  # noqa: PLC0415 - as above
    from features.reading import read_tables  # noqa: PLC0415 - as above

    mapping = read_mapping(path)
    tables = read_tables(mapping, path.parent)
    ended = frozenset() if tables.outcomes is None else frozenset(tables.outcomes["lead_id"])
    return HistoryBook(History(tables, mapping), ended)
