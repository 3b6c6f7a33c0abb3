"""The bootstrap over leads: rows of one lead come and go together, for they are no news to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.measures.figure import Figure, figure_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Measure = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], float]
    """Labels, probabilities and weights, float64 (n,) each, in; one figure out."""

BOOTSTRAPS = 200


@dataclass(frozen=True, slots=True)
class Resampling:
    """Draws of leads with replacement (Efron 1979; of clusters: Field and Welsh 2007).

    `lead` int64 (n,): whose row each is. `times` uint16 (draws, leads): how often each draw holds a lead.
    All figures of the same rows are made of the same draws, so that their differences are paired.
    """

    lead: NDArray[np.int64]
    times: NDArray[np.uint16]

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Resampling:
        """Return the same draws, for some of the rows or for the rows in another order."""
        return Resampling(self.lead[rows], self.times)

    def mean(self, values: NDArray[np.float64]) -> Figure:
        """Return the mean of `values`, float64 (n,), with its interval; n is at least 1."""
        return self.means(values[:, None])[0]

    def means(self, columns: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> list[Figure]:
        """Return the mean of each of the columns, float64 (n, k), with its interval.

        With `weights`, float64 (n, k), a row counts so often in each column.
        """
        weights = np.ones(columns.shape) if weights is None else weights
        leads = self.times.shape[1]
        totals = np.zeros((leads, 2 * columns.shape[1]))
        for at, column in enumerate(np.hstack([columns * weights, weights]).T):
            totals[:, at] = np.bincount(self.lead, weights=column, minlength=leads)
        drawn = np.stack([of_draw.astype(np.float64) @ totals for of_draw in self.times])
        over, under = np.split(np.vstack([totals.sum(axis=0), drawn]), 2, axis=1)
        shares = np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0)
        return [figure_of(float(found[0]), found[1:]) for found in shares.T]


def resampling(owner: NDArray[np.int64], *, seed: int = 0, draws: int = BOOTSTRAPS) -> Resampling:
    """Return draws of the leads whose rows these are; `owner` int64 (n,) says whose row each is."""
    _, lead = np.unique(owner, return_inverse=True)
    leads = int(lead.max(initial=-1)) + 1
    generator = np.random.default_rng(seed)
    times = np.empty((draws, leads), np.uint16)
    for draw in range(draws):
        times[draw] = np.bincount(generator.integers(0, leads, leads), minlength=leads)
    return Resampling(lead.astype(np.int64), times)


def measured(
    measure: Measure,
    labels: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    owner: NDArray[np.int64],
    *,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
) -> Figure:
    """Return a measure with its interval, from resampling whole leads (`owner` int64 (n,)).

    For one measure; many of the same rows cost little more with `all_figures`.
    """
    draws = resampling(owner, seed=seed, draws=bootstraps)
    value = measure(labels, probabilities, np.ones(len(labels)))
    found = []
    for of_draw in draws.times:
        times = of_draw[draws.lead].astype(np.float64)
        kept = times > 0
        if len(np.unique(labels[kept])) == 2:
            found.append(measure(labels[kept], probabilities[kept], times[kept]))
    return figure_of(value, found)
