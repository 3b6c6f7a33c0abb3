"""What a process has counted so far: totals that only grow, and what it says of itself now."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from serving.telemetry.definitions import Metric

Series: TypeAlias = "tuple[str, tuple[str, ...]]"
"""The name of a metric, and the values of its labels, in order."""


class _Written(msgspec.Struct, array_like=True):
    """A tally as bytes hold it."""

    counts: list[tuple[str, tuple[str, ...], float]]
    spreads: list[tuple[str, tuple[str, ...], list[int], float]]
    said: list[tuple[str, tuple[str, ...], float]]


@dataclass(slots=True)
class Spread:
    """How values are spread over the buckets of a histogram, and their sum."""

    counts: NDArray[np.int64]
    total: float = 0.0


@dataclass(slots=True)
class Tally:
    """Counts and spreads by series, and the gauges that were `said` last. One thread at a time uses it."""

    counts: dict[Series, float] = field(default_factory=dict)
    spreads: dict[Series, Spread] = field(default_factory=dict)
    said: dict[Series, float] = field(default_factory=dict)

    def count(self, metric: Metric, labels: tuple[str, ...] = (), more: float = 1) -> None:
        """Add to a counter."""
        series = (metric.name, labels)
        self.counts[series] = self.counts.get(series, 0) + more

    def observe(self, metric: Metric, labels: tuple[str, ...], values: Iterable[float]) -> None:
        """Add a few values to a histogram. A value on a bucket's upper end belongs to that bucket."""
        spread = self._spread(metric, labels)
        for value in values:
            spread.counts[bisect_left(metric.bounds, value)] += 1
            spread.total += value

    def observe_many(
        self,
        metric: Metric,
        labels: Sequence[tuple[str, ...]],
        which: NDArray[np.intp],
        values: NDArray[np.float64],
    ) -> None:
        """Add many values to several series of a histogram: each to that of the labels that `which` says.

        Numpy gives the interpreter away in each of its calls, and waits for it again: few of them are made.
        """
        if not len(values):
            return
        width = len(metric.bounds) + 1
        places = which * width + np.searchsorted(metric.bounds, values, side="left")
        counts = np.bincount(places, minlength=len(labels) * width).reshape(-1, width)
        totals = np.bincount(which, weights=values, minlength=len(labels)).tolist()
        for series, its_counts, total in zip(labels, counts, totals, strict=True):
            spread = self._spread(metric, series)
            spread.counts += its_counts
            spread.total += total

    def say(self, metric: Metric, labels: tuple[str, ...], value: float) -> None:
        """Set a gauge."""
        self.said[(metric.name, labels)] = value

    def add(self, other: Tally) -> None:
        """Add what another has counted. What it says of itself stays its own."""
        for series, count in other.counts.items():
            self.counts[series] = self.counts.get(series, 0) + count
        for series, theirs in other.spreads.items():
            ours = self.spreads.get(series)
            if ours is None:
                self.spreads[series] = Spread(theirs.counts.copy(), theirs.total)
            elif len(ours.counts) == len(theirs.counts):  # else it is of another release, with other buckets
                ours.counts += theirs.counts
                ours.total += theirs.total

    def written(self) -> bytes:
        """Return the tally as bytes, which `read` understands."""
        return msgspec.msgpack.encode(
            _Written(
                [(*series, count) for series, count in self.counts.items()],
                [(*series, one.counts.tolist(), one.total) for series, one in self.spreads.items()],
                [(*series, value) for series, value in self.said.items()],
            )
        )

    def _spread(self, metric: Metric, labels: tuple[str, ...]) -> Spread:
        series, size = (metric.name, labels), len(metric.bounds) + 1
        spread = self.spreads.get(series)
        if spread is None or len(spread.counts) != size:  # one of another release is begun anew
            spread = self.spreads[series] = Spread(np.zeros(size, dtype=np.int64))
        return spread


def read_tally(content: bytes) -> Tally:
    """Return the tally that bytes hold. Raises ValueError where they hold none."""
    try:
        found = msgspec.msgpack.decode(content, type=_Written)
    except msgspec.DecodeError as problem:
        raise ValueError(f"these are no figures: {problem}") from problem
    return Tally(
        {(name, labels): count for name, labels, count in found.counts},
        {
            (name, labels): Spread(np.asarray(counts, dtype=np.int64), total)
            for name, labels, counts, total in found.spreads
        },
        {(name, labels): value for name, labels, value in found.said},
    )


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """Return what several processes have counted together."""
    together = Tally()
    for one in tallies:
        together.add(one)
    return together
