"""What a score takes no notice of, in words: unknown columns and events, and what was not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from features.batch import LeadBatch
from features.events import no_events
from features.fit import MOST_SETS_KEPT, expected_columns
from features.lead_log import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from features.events import EventLog
    from features.mapping import Mapping as CompanyMapping
    from features.one_lead import OneLead
    from features.spec import FeatureSpec
    from features.vectors import Vectors

_LATE = "Events that came after as_of, or were known only then, were not counted."


class Unheeded:
    """Says what a model of a spec takes no notice of; made once with the scorer, asked for each batch."""

    def __init__(self, spec: FeatureSpec, mapping: CompanyMapping) -> None:
        expected = expected_columns(spec.columns)
        self._columns = frozenset(
            [*expected, *(column.name for column in spec.unused), *mapping.leads.exclude]
        )
        self._not_sent = {name: f"Column '{name}' was not sent and counts as not known." for name in expected}
        self._not_stored = {name: f"Column '{name}' is not known of the lead." for name in expected}
        self._of_names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._events = frozenset(part for key in spec.event_keys for part in (key, key.partition(".")[0]))
        self._unknown_last: tuple[tuple[str, ...] | None, set[int]] = None, set()
        """The keys of the log before, which most often are the same object, and which of them are unknown."""

    def of_columns(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return which columns of the batch are not known to the model, and which it misses."""
        return self._of_cells(
            batch.cells, vectors.absent, self._not_stored if batch.is_stored else self._not_sent
        )

    def of_one(self, lead: OneLead, absent: tuple[str, ...], *, is_late: bool) -> tuple[str, ...]:
        """Return all that the score of one lead takes no notice of; see `VectorsOfEach`."""
        told = self._sent(tuple(lead.cells), absent)
        unknown = self._unknown(lead.events.keys)
        if unknown:
            codes = lead.events.held[KEY, : lead.events.size].tolist()
            told = (*told, *_of_keys(unknown, codes, lead.events.keys))
        return (*told, _LATE) if is_late else told

    def _sent(self, names: tuple[str, ...], absent: tuple[str, ...]) -> tuple[str, ...]:
        """Return what is told of these columns, most often of a set that came before."""
        told = self._of_names.get(names)
        if told is None:
            told = self._of_cells(dict.fromkeys(names), absent, self._not_sent)
            if len(self._of_names) < MOST_SETS_KEPT:
                self._of_names[names] = told
        return told

    def _of_cells(
        self, cells: Mapping[str, Any], absent: tuple[str, ...], missing: dict[str, str]
    ) -> tuple[str, ...]:
        told: list[str] = []
        if not self._columns >= cells.keys():
            unknown = sorted(name for name in cells if name not in self._columns)
            told = [f"Column '{name}' is not known to the model and was ignored." for name in unknown]
        if absent:
            told += [missing[name] for name in sorted(absent)]
        return tuple(told)

    def of_events(self, batch: LeadBatch) -> list[tuple[str, ...]]:
        """Return for each row what of its events the score takes no notice of."""
        log, owner, as_of = batch.events, batch.owner, batch.as_of
        unknown = self._unknown(log.keys)
        if len(owner) == 1:
            return [_of_owner(log, unknown, owner.item(), as_of.item())]
        told: list[tuple[str, ...]] = [()] * len(owner)
        for row in np.flatnonzero(_is_concerned(log, unknown, owner, as_of)).tolist():
            told[row] = _of_owner(log, unknown, int(owner[row]), int(as_of[row]))
        return told

    def _unknown(self, keys: tuple[str, ...]) -> set[int]:
        """Return the codes of keys of which the model knows nothing."""
        before, unknown = self._unknown_last
        if before is not keys:
            unknown = {code for code, name in enumerate(keys) if name not in self._events}
            self._unknown_last = keys, unknown
        return unknown


def _of_owner(log: EventLog, unknown: set[int], owner: int, as_of: int) -> tuple[str, ...]:
    """Return what is told of one owner's events at a moment; `unknown` are codes of types and of details."""
    start, stop = log.offsets.item(owner), log.offsets.item(owner + 1)
    if start == stop:
        return ()
    told = _of_keys(unknown, log.key[start:stop].tolist(), log.keys) if unknown else []
    # Within an owner the log is sorted by time of occurrence.
    is_late = log.occurred_at.item(stop - 1) > as_of
    if is_late or (log.known_at is not log.occurred_at and max(log.known_at[start:stop].tolist()) > as_of):
        told.append(_LATE)
    return tuple(told)


def _of_keys(unknown: set[int], codes: list[int], keys: Sequence[str]) -> list[str]:
    names = sorted(keys[code] for code in unknown.intersection(codes))
    return [f"Events of type '{name}' are not known to the model." for name in names]


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
