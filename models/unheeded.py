"""What a score takes no notice of, in words: unknown columns and events, and what was not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from features.batch import LeadBatch
from features.events import no_events
from features.fit import expected_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.events import EventLog
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.vectors import Vectors

_LATE = "Events that came after as_of, or were known only then, were not counted."


class Unheeded:
    """Says what a model of a spec takes no notice of; made once with the scorer, asked for each batch."""

    def __init__(self, spec: FeatureSpec, mapping: Mapping) -> None:
        expected = expected_columns(spec.columns)
        self._columns = frozenset(
            [*expected, *(column.name for column in spec.unused), *mapping.leads.exclude]
        )
        self._not_sent = {name: f"Column '{name}' was not sent and counts as not known." for name in expected}
        self._not_stored = {name: f"Column '{name}' is not known of the lead." for name in expected}
        self._events = frozenset(part for key in spec.event_keys for part in (key, key.partition(".")[0]))

    def of_columns(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return which columns of the batch are not known to the model, and which it misses."""
        told: list[str] = []
        if not self._columns.issuperset(batch.cells):
            unknown = sorted(name for name in batch.cells if name not in self._columns)
            told = [f"Column '{name}' is not known to the model and was ignored." for name in unknown]
        if vectors.absent:
            missing = self._not_stored if batch.is_stored else self._not_sent
            told += [missing[name] for name in sorted(vectors.absent)]
        return tuple(told)

    def of_events(self, batch: LeadBatch) -> list[tuple[str, ...]]:
        """Return for each row what of its events the score takes no notice of."""
        log, owner, as_of = batch.events, batch.owner, batch.as_of
        unknown: set[int] = set()
        if not self._events.issuperset(log.keys):
            unknown = {code for code, name in enumerate(log.keys) if name not in self._events}
        if len(owner) == 1:
            return [_of_owner(log, unknown, owner.item(), as_of.item())]
        told: list[tuple[str, ...]] = [()] * len(owner)
        for row in np.flatnonzero(_is_concerned(log, unknown, owner, as_of)).tolist():
            told[row] = _of_owner(log, unknown, int(owner[row]), int(as_of[row]))
        return told


def _of_owner(log: EventLog, unknown: set[int], owner: int, as_of: int) -> tuple[str, ...]:
    """Return what is told of one owner's events at a moment; `unknown` are codes of types and of details."""
    start, stop = log.offsets.item(owner), log.offsets.item(owner + 1)
    if start == stop:
        return ()
    told: list[str] = []
    if unknown:
        codes = unknown.intersection(log.key[start:stop].tolist())
        names = sorted(log.keys[code] for code in codes)
        told = [f"Events of type '{name}' are not known to the model." for name in names]
    # Within an owner the log is sorted by time of occurrence.
    if log.occurred_at.item(stop - 1) > as_of or max(log.known_at[start:stop].tolist()) > as_of:
        told.append(_LATE)
    return tuple(told)


def _is_concerned(
    log: EventLog, unknown: set[int], owner: NDArray[np.int64], as_of: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return of which of n rows something may be told, bool (n,), without a look at each row."""
    starts, stops = log.offsets[:-1], log.offsets[1:]
    has_events = starts < stops
    latest = np.full(log.owners, np.iinfo(np.int64).min)
    is_unknown = np.zeros(log.owners, np.bool_)
    firsts = starts[has_events]
    if len(firsts):
        occurred = log.occurred_at[stops[has_events] - 1]
        latest[has_events] = np.maximum(occurred, _of_each(np.maximum, log.known_at, firsts, log))
        if unknown:
            codes = np.zeros(len(log.keys), np.bool_)
            codes[list(unknown)] = True
            is_unknown[has_events] = _of_each(np.logical_or, codes[log.key], firsts, log)
    concerned: NDArray[np.bool_] = is_unknown[owner] | (latest[owner] > as_of)
    return concerned


def _of_each(ufunc: np.ufunc, values: NDArray[Any], firsts: NDArray[np.int64], log: EventLog) -> NDArray[Any]:
    """Return the reduction of each owner's values; `firsts` are the first events of those who have any."""
    return np.asarray(ufunc.reduceat(values[: log.offsets[-1]], firsts))


def nobody() -> LeadBatch:
    """Return a lead of whom nothing is known: with it a scorer warms up."""
    moment = np.zeros(1, np.int64)
    return LeadBatch(
        lead_ids=("",), created_at=moment, as_of=moment, cells={}, events=no_events(1), owner=moment
    )
