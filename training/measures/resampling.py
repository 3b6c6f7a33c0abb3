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
        return self.ratios(values[:, None], np.ones((len(values), 1)))[0]

    def share(self, labels: NDArray[np.float64]) -> Figure:
        """Return the share of label 1, float64 (n,), with its interval; n is at least 1.

        Where all rows have one label the bootstrap knows nothing: the interval then reaches to where so many
        leads of one label would still be seen one time in forty (Clopper and Pearson 1934).
        """
        found = self.mean(labels)
        seldom = float(0.025 ** (1 / len(np.unique(self.lead))))
        if found.value == 0.0:
            return Figure(0.0, 0.0, 1 - seldom)
        return Figure(1.0, seldom, 1.0) if found.value == 1.0 else found

    def ratios(self, over: NDArray[np.float64], under: NDArray[np.float64]) -> list[Figure]:
        """Return the sum of each column of `over` by that of `under`, float64 (n, k) each, with intervals.

        A draw that holds nothing of a column of `under` says nothing of it.
        """
        drawn = self.drawn_ratios(over, under)
        return [figure_of(float(found[0]), found[1:]) for found in drawn.T]

    def drawn_ratios(self, over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the ratios of all rows, then of each draw, float64 (1 + draws, k); NaN of nothing."""
        leads = self.times.shape[1]
        columns = np.hstack([over, under])
        totals = np.zeros((leads, columns.shape[1]))
        for at, column in enumerate(columns.T):
            totals[:, at] = np.bincount(self.lead, weights=column, minlength=leads)
        drawn = np.stack([totals.sum(axis=0), *(times.astype(np.float64) @ totals for times in self.times)])
        above, below = np.split(drawn, 2, axis=1)
        return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))


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
