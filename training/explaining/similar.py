"""Leads of the past whose scores were moved in the same ways, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.measures import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_LOOK = 8
"""So many rows a wanted lead are looked at first: the weeks of one lead lie close together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMoments:
    """n moments of the past: what moved the margin then, and what followed.

    `sums` float64 (n, groups): the reasons' log-odds. `owner` int64 (n,): whose moment each is; those of one
    person share it. `as_of` int64 (n,): microseconds UTC. `label` float64 (n,): 1 where the lead won within
    the horizon.
    """

    sums: NDArray[np.float64]
    owner: NDArray[np.int64]
    as_of: NDArray[np.int64]
    label: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.owner)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> PastMoments:
        """Return the chosen moments, in order: a flag for each, or their positions."""
        return PastMoments(
            sums=self.sums[chosen],
            owner=self.owner[chosen],
            as_of=self.as_of[chosen],
            label=self.label[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """The nearest moments of other leads, one a lead, the nearest first.

    `rows` int64 (k,): positions among the moments that were searched. `distance` float64 (k,): the root of
    the sum of squared differences of the reasons' log-odds. `won`: the share that won within the horizon,
    with its 95 % interval; None where there is no such lead.
    """

    rows: NDArray[np.int64]
    distance: NDArray[np.float64]
    won: Figure | None


def similar(
    sums: NDArray[np.float64], past: PastMoments, *, owner: int, as_of: int, horizon: int, leads: int
) -> Similar:
    """Return at most `leads` leads of the past that were moved most like a lead, float64 (groups,).

    What moves a margin is in log-odds for every reason, so distances are taken as they are: standardised, a
    reason that moves nobody would count as much as one that decides. Only moments whose horizon had ended by
    `as_of` are searched, and none of the `owner` itself: how they ended was known then.
    """
    usable = np.flatnonzero((past.as_of + horizon <= as_of) & (past.owner != owner))
    searched = past.where(usable)
    near, distance = _nearest(sums, searched, leads)
    return Similar(rows=usable[near], distance=distance, won=share_of(searched.label[near]))


def _nearest(
    sums: NDArray[np.float64], past: PastMoments, leads: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest row of each of the nearest leads, and its distance."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415  # takes a second, and few commands explain

    if not len(past):
        return np.empty(0, np.int64), np.empty(0)
    # A tree measures each distance itself; "brute" takes it from inner products, and a twin is not at 0 then.
    tree = NearestNeighbors(algorithm="kd_tree").fit(past.sums)
    looked_at = min(len(past), FIRST_LOOK * leads)
    while True:
        distances, rows = tree.kneighbors(sums[None], n_neighbors=looked_at)
        _, first = np.unique(past.owner[rows[0]], return_index=True)
        if len(first) >= leads or looked_at == len(past):
            break
        looked_at = min(len(past), 2 * looked_at)
    kept = np.sort(first)[:leads]
    return np.asarray(rows[0][kept], np.int64), np.asarray(distances[0][kept], np.float64)


def share_of(labels: NDArray[np.float64]) -> Figure | None:
    """Return the share of label 1 among leads, one label each, with Wilson's interval (1927) of 95 %."""
    from scipy.stats import binomtest  # noqa: PLC0415  # takes a second, and few commands explain

    if not len(labels):
        return None
    found = binomtest(int(labels.sum()), len(labels))
    low, high = found.proportion_ci(method="wilson")
    return Figure(float(labels.mean()), float(low), float(high))


def shared_reasons(
    sums: NDArray[np.float64], neighbours: NDArray[np.float64], *, most: int = 3
) -> list[tuple[int, int]]:
    """Return what a lead and its neighbours have in common: at most so many (group, how many share it).

    `sums` float64 (groups,) and `neighbours` (k, groups) are log-odds. A reason is shared by a neighbour that
    it moved in the same direction; it is told where most of them share it, the strongest for the lead first.
    """
    same = (np.sign(neighbours) == np.sign(sums)).sum(axis=0)
    order = np.argsort(-np.abs(sums), kind="stable")
    told = [
        (int(group), int(same[group]))
        for group in order.tolist()
        if sums[group] != 0.0 and 2 * same[group] > len(neighbours)
    ]
    return told[:most]
