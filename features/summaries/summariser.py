"""Summaries of one lead in a request, or of all leads of a log: the same kernel, the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from features.durations import DAY_US
from features.events import event_log_of_rows
from features.lead_log import DETAIL_KEY, FIELDS, IS_TOUCH, KEY, KNOWN_AT, OCCURRED_AT, LeadLog
from features.read_only import read_only
from features.summaries.kernel import NEVER, summarise, summarise_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from features.events import EventLog
    from features.summaries.summary import Summary

NEVER_DAYS = 36_500.0
"""What 'days since' says of what never happened: longer ago than anything."""

_FOREVER = np.iinfo(np.int64).max


class Summariser:
    """Makes the summaries of one policy, in the order of their names. Several threads may use it.

    A number is a count, int, or days, float. An event is seen where it occurred and was known at or before
    the moment; a window is (moment - within, moment].
    """

    def __init__(self, summaries: Mapping[str, Summary]) -> None:
        self.names = tuple(summaries)
        self._summaries = tuple(summaries.values())
        self._spans = np.asarray(
            [_FOREVER if one.within_us is None else one.within_us for one in self._summaries], np.int64
        )
        self._sides = np.asarray([self._bits(by) for by in ("lead", "us")], np.int64)
        self._kinds = _mask(one.gives == "kinds" for one in self._summaries)
        self._since = [place for place, one in enumerate(self._summaries) if one.gives == "days_since"]
        self._read_only = read_only(self._spans, self._sides)
        self._bits_of: tuple[tuple[str, ...], NDArray[np.int64]] | None = None

    def warm_up(self) -> None:
        """Have the kernel compiled, or read from where it is kept, for both ways."""
        log = event_log_of_rows([[{"type": "", "occurred_at": 0, "known_at": 0, "value": None}]], frozenset())
        self.of_log(log, np.zeros(1, np.int64), np.zeros(1, np.int64))
        self.of_lead(LeadLog(np.zeros((FIELDS + 1, 1), np.int64), 1, ("",)), 0)

    def of_lead(self, log: LeadLog, as_of: int) -> list[Any]:
        """Return the summaries of the events of one lead at a moment (microseconds UTC)."""
        counts, last = np.zeros(len(self.names), np.int64), np.full(len(self.names), NEVER)
        if log.size:
            held = log.held
            summarise(
                counts, last, 0, log.size, as_of, held[OCCURRED_AT], held[KNOWN_AT], held[KEY],
                held[DETAIL_KEY], held[IS_TOUCH], self._bits_by_key(log.keys), *self._read_only, self._kinds,
            )  # fmt: skip
        said: list[Any] = counts.tolist()
        for place in self._since:
            said[place] = NEVER_DAYS if last[place] == NEVER else (as_of - int(last[place])) / DAY_US
        return said

    def of_log(self, log: EventLog, owner: NDArray[np.int64], as_of: NDArray[np.int64]) -> list[list[Any]]:
        """Return the same for n moments `as_of` of the leads at `owner` in the log."""
        counts = np.zeros((len(owner), len(self.names)), np.int64)
        last = np.full(counts.shape, NEVER)
        if len(log.occurred_at):
            summarise_all(
                counts, last, owner, as_of, log.offsets, log.occurred_at, log.known_at, log.key,
                log.detail_key, log.is_touch, self._bits_by_key(log.keys), *self._read_only, self._kinds,
            )  # fmt: skip
        said: list[list[Any]] = counts.tolist()
        for place in self._since:
            days = np.where(last[:, place] == NEVER, NEVER_DAYS, (as_of - last[:, place]) / DAY_US)
            for row, day in zip(said, days.tolist(), strict=True):
                row[place] = day
        return said

    def _bits_by_key(self, keys: tuple[str, ...]) -> NDArray[np.int64]:
        """Return which summaries name each key, as bits. A log's keys are the same object most often."""
        held = self._bits_of
        if held is not None and held[0] is keys:
            return held[1]
        bits = np.zeros(len(keys), np.int64)
        for place, key in enumerate(keys):
            bits[place] = _mask(key in one.keys for one in self._summaries)
        self._bits_of = keys, read_only(bits)[0]
        return self._bits_of[1]

    def _bits(self, by: str) -> int:
        return _mask(not one.keys and one.by == by for one in self._summaries)


def _mask(said: Any) -> int:
    return sum(1 << place for place, holds in enumerate(said) if holds)
