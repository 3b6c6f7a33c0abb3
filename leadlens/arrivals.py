"""Leads that came in files, with what they did: what a person is told of them, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import pyarrow as pa
import pyarrow.parquet as pq

from features.reading import read_events, read_leads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from features.mapping import Mapping
    from features.prepared.parted_files import PartedFiles
    from features.reading.raw_columns import ReadTable

SMALL_LEADS, SMALL_EVENTS = 20_000, 400_000
"""So many rows are read whole, and scored in one process: to start others takes longer."""

_SMALL_LEADS_BYTES, _SMALL_EVENTS_BYTES = 8 * 2**20, 32 * 2**20
"""The same of CSV, whose rows are not known before they are read."""


class _How(TypedDict):
    skip_bad_rows: bool
    text_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Leads that came in files, with what they did."""

    leads: ReadTable
    events: ReadTable | None
    mapping: Mapping

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading decided or counted."""
        own = (*self.leads.notes, *(self.events.notes if self.events else ()))
        if self.events is None:
            return (*own, *notes_of_files(self.mapping, None, 0))
        strangers = int((~self.events.frame["lead_id"].isin(self.leads.frame["lead_id"])).sum())
        return (*own, *notes_of_files(self.mapping, self.events.rejects.said_of, strangers))


def notes_of_files(mapping: Mapping, events: str | None, strangers: int) -> Iterator[str]:
    """Say what of the mapping files leave aside, and how many `events` are of leads that are not there."""
    left = [name for name in ("changes", "accounts") if getattr(mapping, name)]
    if left:
        yield (
            f"the {' and '.join(left)} of the mapping are not joined to files: their values have to be "
            "in the file of leads, or use leadlens prepare and --prepared"
        )
    if events is None and mapping.events is not None:
        yield "no events were given (--events): every lead counts as one that did nothing"
    if strangers:
        yield f"{events}: {strangers:,} events are of leads that are not in the file"


def notes_of_parted(files: PartedFiles, mapping: Mapping) -> Iterator[str]:
    """Say of files that were parted on disk what `Arrivals.notes` says of those in memory."""
    yield from files.notes
    yield from notes_of_files(
        mapping, None if files.events is None else files.events.said_of, files.strangers
    )


def read_arrivals(
    leads: Path,
    events: Path | None,
    mapping: Mapping,
    *,
    skip_bad_rows: bool,
    text_limit: int | None = None,
) -> Arrivals:
    """Read files of leads and events. Raises InputError for a bad row, unless such rows are to be skipped.

    With a `text_limit` a row with a longer text is a bad one.
    """
    how: _How = {"skip_bad_rows": skip_bad_rows, "text_limit": text_limit}
    return Arrivals(
        leads=read_leads(leads, mapping, **how),
        events=None if events is None else read_events(events, mapping, **how),
        mapping=mapping,
    )


def newest_time(arrivals: Arrivals) -> datetime | None:
    """Return the newest time in the files, or None where they hold no time."""
    columns = [arrivals.leads.frame["created_at"]]
    if arrivals.events is not None:
        columns.append(arrivals.events.frame["occurred_at"])
    newest = max((c.max() for c in columns if c.notna().any()), default=None)
    return None if newest is None else newest.to_pydatetime()


def is_small(leads: Path, events: Path | None) -> bool:
    """Tell whether files are read whole, rather than parted on disk. What is unreadable counts as small."""
    return _is_small(leads, SMALL_LEADS, _SMALL_LEADS_BYTES) and (
        events is None or _is_small(events, SMALL_EVENTS, _SMALL_EVENTS_BYTES)
    )


def _is_small(path: Path, rows: int, size: int) -> bool:
    try:
        if path.stat().st_size > size:
            return False
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                return True
        return bool(pq.read_metadata(path).num_rows <= rows)
    except (OSError, pa.ArrowException):
        return True
