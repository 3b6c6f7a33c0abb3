"""Where the pages find leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.history import History


class LeadBook(Protocol):
    """Leads that a page can show, each at the moment as of which it is scored."""

    def find(self, lead_id: str) -> LeadBatch | None:
        """Return one lead, or None where there is none of this id."""
        ...

    def newest_open(self, limit: int) -> LeadBatch | None:
        """Return the newest leads that are open, at most `limit`; None where there are none."""
        ...


class NoLeads:
    """The book of a home without files of leads."""

    def find(self, lead_id: str) -> None:
        """Return None: there is no lead."""

    def newest_open(self, limit: int) -> None:
        """Return None: there is no lead."""


class HistoryBook:
    """The leads of a company's files, as they were known when the files were taken out (`extract_at`)."""

    def __init__(self, history: History, is_open: NDArray[np.bool_]) -> None:
        """`is_open` (n,) says of each lead of the history whether it is open at `extract_at`."""
        self._history = history
        self._position = {lead_id: at for at, lead_id in reversed(list(enumerate(history.lead_ids)))}
        newest = np.argsort(-history.created_at, kind="stable")
        self._open = [
            at for at in newest[is_open[newest]].tolist() if self._position[history.lead_ids[at]] == at
        ]

    def find(self, lead_id: str) -> LeadBatch | None:
        """Return the lead as it was known at `extract_at`, or None. Of a repeated id the first row counts."""
        at = self._position.get(lead_id)
        return None if at is None else self._at([at])

    def newest_open(self, limit: int) -> LeadBatch | None:
        """Return the newest open leads of the files."""
        return self._at(self._open[:limit]) if self._open else None

    def _at(self, positions: list[int]) -> LeadBatch:
        leads = np.asarray(positions, np.int64)
        return self._history.at(leads, np.full(len(leads), self._history.extract_at, np.int64))


def book_of_files(path: Path) -> LeadBook:
    """Read the files that a mapping names. Raises InputError where they cannot be read."""
    from features.history import History  # noqa: PLC0415 - compiled kernels: loaded where there are files to read
    from features.mapping import read_mapping  # noqa: PLC0415 - as above
    from features.reading import read_tables  # noqa: PLC0415 - as above
    from features.snapshots import Lives  # noqa: PLC0415 - as above

    mapping = read_mapping(path)
    tables = read_tables(mapping, path.parent)
    history = History(tables, mapping)
    everyone = np.arange(len(history), dtype=np.int64)
    if not mapping.is_dated:
        return HistoryBook(history, np.ones(len(history), np.bool_))
    moment = np.full(len(history), history.extract_at, np.int64)
    return HistoryBook(history, Lives(tables, history).is_open(everyone, moment))
