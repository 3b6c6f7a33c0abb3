"""The out-of-fold census, pooled: rows in bins of like margin, which is all that calibrating asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.fitting.calibrators import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

BOOTSTRAPS = 200
_BINS = 1_000


class PooledCensus:
    """Rows in 1,000 bins of equal mass, in an order of their own, so that the order given says nothing.

    `margins` and `labels` float64 (n,), `owner` int64 (n,), numbered from 0, and `order`, which of the rows
    given each is.
    """

    def __init__(
        self, margins: NDArray[np.float64], labels: NDArray[np.float64], lead: NDArray[np.int64]
    ) -> None:
        self.order = np.lexsort((lead, labels, margins))
        self.margins, self.labels = margins[self.order], labels[self.order]
        _, self.owner = np.unique(lead[self.order], return_inverse=True)
        self.leads = int(self.owner.max()) + 1
        edges = np.unique(np.quantile(self.margins, np.linspace(0, 1, _BINS + 1)[1:-1]))
        bin_of = np.searchsorted(edges, self.margins, side="right")
        _, self._bin = np.unique(bin_of, return_inverse=True)
        self._centre = np.bincount(self._bin, weights=self.margins) / np.bincount(self._bin)

    def whole(self) -> Counts:
        """Return all rows."""
        return self.counts([np.ones(len(self.margins))])

    def bootstraps(self, seed: int) -> Counts:
        """Return BOOTSTRAPS samples of the leads, each lead with all of its rows."""
        generator = np.random.default_rng(seed)
        drawn = (generator.integers(0, self.leads, self.leads) for _ in range(BOOTSTRAPS))
        times = (np.bincount(of_set, minlength=self.leads).astype(np.float64) for of_set in drawn)
        return self.counts(of_lead[self.owner] for of_lead in times)

    def counts(self, weights: Iterable[NDArray[np.float64]]) -> Counts:
        """Return the rows in bins, once for each set of weights."""
        bins, ones, zeros = len(self._centre), [], []
        for of_set in weights:
            ones.append(np.bincount(self._bin, weights=of_set * self.labels, minlength=bins))
            zeros.append(np.bincount(self._bin, weights=of_set, minlength=bins) - ones[-1])
        return Counts(self._centre, np.stack(ones), np.stack(zeros))
