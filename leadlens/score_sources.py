"""Where leads to score come from, in parts: files in memory, files parted on disk, a prepared history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from features.hashing import buckets_of
from features.history import History
from features.tables import Tables
from leadlens.score_parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.prepared import Prepared
    from features.prepared.parted_files import PartedFiles
    from leadlens.arrivals import Arrivals


class Loadable(Protocol):
    """A part that is loaded where it is scored: it can be sent there. `number` tells it from the others."""

    @property
    def number(self) -> int:
        """The part's place among all."""
        ...

    def load(self, as_of: datetime, mapping: Mapping) -> Part:
        """Return the leads as they are to be scored at a moment."""
        ...


@dataclass(frozen=True, slots=True)
class HeldPart:
    """Leads that are in memory."""

    number: int
    leads: pd.DataFrame
    events: pd.DataFrame | None
    rows: NDArray[np.int64]

    def load(self, as_of: datetime, mapping: Mapping) -> Part:
        """Return the leads as they are to be scored at a moment."""
        tables = Tables(leads=self.leads, events=self.events, extract_at=pd.Timestamp(as_of))
        return Part(history=History(tables, mapping), rows=self.rows)


@dataclass(frozen=True, slots=True)
class PartOfFiles:
    """A bucket of files that were parted on disk."""

    number: int
    files: PartedFiles

    def load(self, as_of: datetime, mapping: Mapping) -> Part:
        """Return the leads as they are to be scored at a moment."""
        leads, events, rows = self.files.bucket(self.number)
        return HeldPart(self.number, leads, events, rows).load(as_of, mapping)


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """A bucket of a prepared history. Its events are read as the log that they become."""

    number: int
    prepared: Prepared

    def load(self, as_of: datetime, mapping: Mapping) -> Part:
        """Return the leads as they are to be scored at a moment."""
        tables = self.prepared.bucket_without_events(self.number)
        tables = replace(tables, extract_at=pd.Timestamp(as_of))
        events = partial(self.prepared.events, self.number)
        return Part(
            history=History(tables, mapping, read_events=events), rows=self.prepared.lead_rows(self.number)
        )


def held_parts(arrivals: Arrivals, count: int) -> Iterator[HeldPart]:
    """Return leads in memory in so many parts, by a hash of their ids."""
    leads, events = arrivals.leads.frame, None if arrivals.events is None else arrivals.events.frame
    if count == 1:
        yield HeldPart(0, leads, events, arrivals.leads.rows)
        return
    part_of_lead = buckets_of(leads["lead_id"], count)
    part_of_event = None if events is None else buckets_of(events["lead_id"], count)
    for number in np.unique(part_of_lead).tolist():
        mine = part_of_lead == number
        yield HeldPart(
            number,
            leads[mine].reset_index(drop=True),
            None if events is None else events[part_of_event == number].reset_index(drop=True),
            arrivals.leads.rows[mine],
        )


def parts_of_files(files: PartedFiles) -> Sequence[PartOfFiles]:
    """Return all parts of files that were parted on disk."""
    return [PartOfFiles(number, files.without_rejects()) for number in range(files.buckets)]


def parts_of_prepared(prepared: Prepared) -> Sequence[PreparedPart]:
    """Return all parts of a prepared history. Whoever works on them finds the folder at the same path."""
    seen_from_all = replace(prepared, folder=prepared.folder.absolute())
    return [PreparedPart(number, seen_from_all) for number in range(len(prepared))]
