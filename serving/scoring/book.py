"""Where the pages find leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from serving.history.identity import find_lead
from serving.history.listing import LeadQuery, list_leads
from serving.scoring.known import KnownLeads, known_leads, present_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.history import History
    from features.lead_standing import Standing
    from serving.history.listing import LeadPage
    from serving.scoring.champion import Champion
    from serving.store.database import Store

LOOKED_AT = 500
"""So many of the newest open leads of files, which hold no scores, are scored for the list."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A lead that is not scored any more, because it was won, lost or disqualified."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class OpenLeads:
    """Open leads to score for the list, of which the best are shown, and `which` they are, in words."""

    batch: LeadBatch
    which: str


class LeadBook(Protocol):
    """Leads that a page can show, each at the moment as of which it is scored."""

    def find(self, lead_id: str) -> LeadBatch | Closed | None:
        """Return one lead, or None where there is none of this id."""
        ...

    def best_open(self, limit: int) -> OpenLeads | None:
        """Return open leads among which the best `limit` are looked for; None where there are none."""
        ...


class StoreBook:
    """The leads of the store, as they are known now. `clock` says what time that is, microseconds UTC."""

    def __init__(self, store: Store, champion: Champion, clock: Callable[[], int]) -> None:
        self._store = store
        self._champion = champion
        self._clock = clock

    def find(self, lead_id: str) -> LeadBatch | Closed | None:
        """Return the lead, by whichever of its ids. None without a champion, whose mapping explains it."""
        known = self._known()
        with self._store.snapshot() as connection:
            lead = find_lead(connection, lead_id)
            if lead is None or known is None:
                return None
            as_of = present_moment(self._clock(), lead.updated_at)
            [standing] = known.standing(connection, [lead.number], as_of)
            return Closed(standing) if standing != "open" else known.batch(connection, [lead.number], as_of)

    def best_open(self, limit: int) -> OpenLeads | None:
        """Return the open leads with the best scores that the store holds.

        Those that wait for their first score come after them, where there is room.
        """
        known = self._known()
        if known is None:
            return None
        with self._store.snapshot() as connection:
            page = list_leads(connection, LeadQuery(order="score", standing="open", limit=limit))
            if not page.leads:
                return None
            now = self._clock()
            moments = [present_moment(now, lead.updated_at) for lead in page.leads]
            batch = known.batch(connection, [lead.number for lead in page.leads], moments)
        return OpenLeads(batch, _which(page))

    def _known(self) -> KnownLeads | None:
        answerer = self._champion.answerer()
        return None if answerer is None else known_leads(answerer)


class FirstOf:
    """Several books, of which the first that holds what is asked for answers."""

    def __init__(self, books: Sequence[LeadBook]) -> None:
        self._books = books

    def find(self, lead_id: str) -> LeadBatch | Closed | None:
        """Return the lead as the first book that knows it does."""
        return next((found for book in self._books if (found := book.find(lead_id)) is not None), None)

    def best_open(self, limit: int) -> OpenLeads | None:
        """Return the open leads of the first book that has any."""
        return next((found for book in self._books if (found := book.best_open(limit)) is not None), None)


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

    def best_open(self, limit: int) -> OpenLeads | None:
        """Return the newest open leads of the files, at least `LOOKED_AT` where there are so many."""
        newest = self._open[: max(limit, LOOKED_AT)]
        if not newest:
            return None
        of = "newest " if len(newest) < len(self._open) else ""
        every = f"{len(newest):,} {of}open leads of the files"
        which = f"The best {limit} of the {every}" if len(newest) > limit else f"All {every}"
        return OpenLeads(self._at(newest), which if len(newest) > 1 else "The one open lead of the files")

    def _at(self, positions: list[int]) -> LeadBatch:
        leads = np.asarray(positions, np.int64)
        return self._history.at(leads, np.full(len(leads), self._history.extract_at, np.int64))


def _which(page: LeadPage) -> str:
    """Say which of the store's open leads are on a page of the best."""
    shown, waiting = len(page.leads), sum(lead.last.score is None for lead in page.leads)
    if page.next is None:
        return "The one open lead" if shown == 1 else f"All {shown:,} open leads"
    if waiting:
        wait = "1 that waits for its first" if waiting == 1 else f"{waiting:,} that wait for their first"
        return f"{shown:,} of the open leads: all that have a score, and {wait}"
    return f"The best {shown:,} of the open leads"


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
