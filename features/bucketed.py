"""A prepared history, asked like one in memory: one bucket is held at a time, and what was asked for."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from features.batch import joined
from features.cluster import Engine, Local
from features.duplicates.merging import NOTHING_MERGED, Merged, merge_duplicates
from features.following import followed, room_for
from features.history import History
from features.learning import merged_surveys, survey
from features.vectors import Vectoriser, Vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.errors import Fault
    from features.following import Followed, Following
    from features.learning import Survey
    from features.mapping import Mapping
    from features.prepared import Prepared
    from features.spec import FeatureSpec
    from features.tables import Tables


class BucketedHistory:
    """The leads of a prepared history by their positions, which count on through the buckets.

    All of a lead is in one bucket, and so are its duplicates, which are merged there. So every answer is put
    together from the buckets' answers and is, row by row, the answer of the whole.

    `starts` int64 (buckets + 1,): the position of each bucket's first lead. `merged`: what merging did. `on`:
    where surveys and vectors are made; the workers of a cluster read the buckets themselves.
    """

    def __init__(self, prepared: Prepared, mapping: Mapping, on: Engine | None = None) -> None:
        self.mapping = mapping
        self._on = on or Local()
        self.extract_at = prepared.manifest.extract_at_us
        self._prepared = prepared
        self._is_enriched = True
        self._held: tuple[int, History] | None = None
        self.merged = replace(
            NOTHING_MERGED,
            apart=prepared.manifest.identity.apart,
            placeholders=prepared.placeholders(),
        )
        undated: list[list[str]] = []
        starts, created_at, owner, hashes, owners = [0], [], [], [], 0
        for number in range(len(prepared)):
            _, part, merged = self._read(number)
            self.merged += merged
            starts.append(starts[-1] + len(part))
            created_at.append(part.created_at)
            owner.append(part.owner + owners)
            hashes.append(part.owner_hash)
            owners += int(part.owner.max(initial=-1)) + 1
            undated.append(part.undated())
        self.starts = np.asarray(starts, np.int64)
        self.created_at = np.concatenate(created_at)
        self.owner = np.concatenate(owner)
        self.owner_hash = np.concatenate(hashes)
        # A column that is dated in any bucket is so in the whole.
        self._undated = [name for name in undated[0] if all(name in names for names in undated)]

    def __len__(self) -> int:
        return int(self.starts[-1])

    def bucket(self, number: int) -> tuple[Tables, History]:
        """Return a bucket's tables, its duplicates merged, and its history. The events are in that alone."""
        tables, history, _ = self._read(number)
        return tables, history

    def part(self, number: int) -> History:
        """Return a bucket's history. The last one asked for is held."""
        if self._held is not None and self._held[0] == number:
            return self._held[1]
        return self._read(number)[1]

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
        return merged_surveys(self._each(_surveyed, leads, as_of, None))

    def vectors(self, spec: FeatureSpec, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Vectors:
        """Return feature vectors, float64 (n, features), in the order asked for."""
        return self._measured(spec, None, leads, as_of)[0]

    def vectors_and_followed(
        self, spec: FeatureSpec, asked: Following, leads: NDArray[np.int64], as_of: NDArray[np.int64]
    ) -> tuple[Vectors, Followed]:
        """Return the same vectors, and which events came after the moments, in the order asked for.

        Each bucket is read once for both.
        """
        return self._measured(spec, asked, leads, as_of)

    def _measured(
        self,
        spec: FeatureSpec,
        asked: Following | None,
        leads: NDArray[np.int64],
        as_of: NDArray[np.int64],
    ) -> tuple[Vectors, Followed]:
        values = np.empty((len(leads), len(spec.features)))
        came = room_for(len(leads), asked)
        faults: dict[int, tuple[Fault, ...]] = {}
        absent: dict[str, None] = {}
        parts = [rows for _, rows in self._rows_of(leads)]
        # Here a bucket's rows are written where they belong; a cluster sends them.
        into = values if isinstance(self._on, Local) else None
        each = self._each(_measured, leads, as_of, (spec, into, asked))
        for rows, (found, of_part) in zip(parts, each, strict=True):
            if not np.shares_memory(found.values, values):
                values[rows] = found.values
            faults |= {int(rows[row]): of_row for row, of_row in found.faults.items()}
            absent |= dict.fromkeys(found.absent)
            if of_part is not None:
                came.came[rows], came.anything[rows] = of_part.came, of_part.anything
        return Vectors(values, faults, tuple(absent)), came

    def _each(
        self,
        function: Callable[[_Asked, tuple[BucketedHistory, Any]], Any],
        leads: NDArray[np.int64],
        as_of: NDArray[np.int64],
        what: Any,
    ) -> Iterator[Any]:
        asked = (
            _Asked(number, rows, leads[rows] - self.starts[number], as_of[rows])
            for number, rows in self._rows_of(leads)
        )
        return self._on.each(function, asked, (self._sent(), what))

    def _sent(self) -> BucketedHistory:
        """Return what a worker needs: itself here, elsewhere a copy without what this process holds."""
        if isinstance(self._on, Local):
            return self
        sent = copy.copy(self)
        sent._on, sent._held = Local(), None  # noqa: SLF001 - of the same class
        sent.created_at = sent.owner = np.zeros(0, np.int64)
        sent.owner_hash = np.zeros(0, np.uint32)
        return sent

    def undated(self) -> list[str]:
        """Return the columns without any history."""
        return list(self._undated)

    @property
    def is_enriched(self) -> bool:
        """Whether tables of accounts are joined."""
        return self._is_enriched and bool(self._prepared.manifest.accounts)

    def without_enrichment(self) -> Self:
        """Return the same past as if no table of accounts had ever been joined."""
        alone = copy.copy(self)
        alone._is_enriched, alone._held = False, None  # noqa: SLF001 - of the same class
        return alone

    def _read(self, number: int) -> tuple[Tables, History, Merged]:
        self._held = None
        who, merged, events = self._prepared.identity(number), NOTHING_MERGED, None
        if len(who.repeats):
            tables, merged = merge_duplicates(self._prepared.bucket(number), self.mapping, who)
        else:
            tables = self._prepared.bucket_without_events(number)
            events = partial(self._prepared.events, number)
        history = History(self._enriched(tables), self.mapping, read_events=events)
        self._held = (number, history)
        return tables, history, merged

    def _parts_of(
        self, leads: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[Any], History, NDArray[np.int64]]]:
        """Return for each bucket the places of its leads among those asked for, and who they are there."""
        for number, rows in self._rows_of(leads):
            yield rows, self.part(number), leads[rows] - self.starts[number]

    def _rows_of(self, leads: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[Any]]]:
        """Return the buckets of those asked for, and their places; the first where nobody is asked for."""
        bucket = np.searchsorted(self.starts, leads, side="right") - 1
        for number in np.unique(bucket).tolist() or [0]:
            yield number, np.flatnonzero(bucket == number)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Some leads of a bucket, by their positions in it, at moments; `rows`: their places in the answer."""

    bucket: int
    rows: NDArray[np.int64]
    leads: NDArray[np.int64]
    as_of: NDArray[np.int64]


def _surveyed(asked: _Asked, shared: tuple[BucketedHistory, Any]) -> Survey:
    return survey(shared[0].part(asked.bucket).at(asked.leads, asked.as_of))


def _measured(
    asked: _Asked,
    shared: tuple[BucketedHistory, tuple[FeatureSpec, NDArray[np.float64] | None, Following | None]],
) -> tuple[Vectors, Followed | None]:
    past, (spec, into, following) = shared
    rows, target = asked.rows, None
    if into is not None and len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        target = into[rows[0] : rows[-1] + 1]
    batch = past.part(asked.bucket).at(asked.leads, asked.as_of)
    vectors = Vectoriser(spec)(batch, target)
    return vectors, None if following is None else followed(batch, following)
