"""A prepared history, asked like one in memory: one bucket is held at a time, and what was asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from features.batch import joined
from features.history import History
from features.learning import Survey, survey
from features.vectors import Vectoriser, Vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.errors import Fault
    from features.mapping import Mapping
    from features.prepared import Prepared
    from features.spec import FeatureSpec
    from features.tables import Tables


class BucketedHistory:
    """The leads of a prepared history by their positions, which count on through the buckets.

    All of a lead is in one bucket, so every answer is put together from the buckets' answers and is, row by
    row, the answer of the whole.
    """

    def __init__(self, prepared: Prepared, mapping: Mapping, *, is_enriched: bool = True) -> None:
        self.mapping = mapping
        self.extract_at = prepared.manifest.extract_at_us
        self._prepared = prepared
        self._is_enriched = is_enriched
        self._held: tuple[int, History] | None = None
        self.starts = np.cumsum([0, *prepared.manifest.tables["leads"].rows])
        self.created_at = np.zeros(self.starts[-1], np.int64)
        self.owner = np.zeros(self.starts[-1], np.int64)
        self._undated: set[str] = set()
        owners = 0
        for number in range(len(prepared)):
            part = self.part(number)
            here = slice(self.starts[number], self.starts[number + 1])
            self.created_at[here] = part.created_at
            self.owner[here] = part.owner + owners
            owners += int(part.owner.max(initial=-1)) + 1
            # A column is dated only if it is so wherever there are leads.
            own = set(part.undated())
            self._undated = own if number == 0 else self._undated & own

    def __len__(self) -> int:
        return int(self.starts[-1])

    def tables(self, number: int) -> Tables:
        """Return the canonical tables of a bucket."""
        return self._enriched(self._prepared.bucket(number))

    def part(self, number: int) -> History:
        """Return a bucket's history. The last one asked for is held."""
        if self._held is None or self._held[0] != number:
            self._held = None
            tables = self._enriched(self._prepared.bucket_without_events(number))
            events = partial(self._prepared.events, number)
            self._held = (number, History(tables, self.mapping, read_events=events))
        return self._held[1]

    def _enriched(self, tables: Tables) -> Tables:
        return tables if self._is_enriched else replace(tables, accounts=())

    def at(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> LeadBatch:
        """Return leads as they were known at moments: all of them in memory, so ask for some only."""
        batches, order = [], []
        for rows, part, own in self._parts_of(leads):
            batches.append(part.at(own, as_of[rows]).alone())
            order.append(rows)
        return joined(batches, np.argsort(np.concatenate(order)))

    def survey(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Survey:
        """Return what these rows show of columns and events: the same as of the whole."""
        found = Survey({}, {})
        for rows, part, own in self._parts_of(leads):
            found = found.merged(survey(part.at(own, as_of[rows])))
        return found

    def vectors(self, spec: FeatureSpec, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Vectors:
        """Return feature vectors, float64 (n, features), in the order asked for."""
        values = np.empty((len(leads), len(spec.features)))
        faults: dict[int, tuple[Fault, ...]] = {}
        absent: dict[str, None] = {}
        vectoriser = Vectoriser(spec)
        for rows, part, own in self._parts_of(leads):
            together = bool(rows[-1] - rows[0] == len(rows) - 1)
            here = values[rows[0] : rows[-1] + 1] if together else None
            found = vectoriser(part.at(own, as_of[rows]), here)
            if not together:
                values[rows] = found.values
            faults |= {int(rows[row]): of_row for row, of_row in found.faults.items()}
            absent |= dict.fromkeys(found.absent)
        return Vectors(values, faults, tuple(absent))

    def undated(self) -> list[str]:
        """Return the columns without any history."""
        return sorted(self._undated)

    @property
    def is_enriched(self) -> bool:
        """Whether tables of accounts are joined."""
        return self._is_enriched and bool(self._prepared.manifest.accounts)

    def without_enrichment(self) -> Self:
        """Return the same past as if no table of accounts had ever been joined."""
        return type(self)(self._prepared, self.mapping, is_enriched=False)

    def _parts_of(
        self, leads: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[Any], History, NDArray[np.int64]]]:
        """Return for each bucket the places of its leads among those asked for, and who they are there."""
        bucket = np.searchsorted(self.starts, leads, side="right") - 1
        for number in np.unique(bucket).tolist():
            rows = np.flatnonzero(bucket == number)
            yield rows, self.part(number), leads[rows] - self.starts[number]
