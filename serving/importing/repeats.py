"""Rows without an id: how often each was seen in this run, so that importing a file twice adds nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray


class Seen:
    """How often rows came in this run. Two alike rows of a file are two; the store's own come first.

    Rows are remembered by 64 bits each (8 bytes of memory), enough for tens of millions of them.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.int64]] = []

    def new_among(self, rows: Sequence[Hashable], held: Mapping[Any, int]) -> NDArray[np.bool_]:
        """Return which of the next rows are new: a row's n-th coming is where `held` (by row) is less than n.

        The rows count as come once they are told to `remember`.
        """
        digests = np.asarray([hash(row) for row in rows], np.int64)
        before = self._counts(digests)
        here: Counter[Hashable] = Counter()
        new = np.zeros(len(rows), dtype=bool)
        for place, row in enumerate(rows):
            here[row] += 1
            new[place] = before[place] + here[row] > held.get(row, 0)
        return new

    def remember(self, rows: Sequence[Hashable]) -> None:
        """Count the rows as come."""
        run = np.sort(np.asarray([hash(row) for row in rows], np.int64))
        # As in a merge sort, so that there are few runs, and each row is merged a few times only.
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)

    def _counts(self, digests: NDArray[np.int64]) -> NDArray[np.int64]:
        counts = np.zeros(len(digests), np.int64)
        for run in self._runs:
            counts += np.searchsorted(run, digests, "right") - np.searchsorted(run, digests, "left")
        return counts
