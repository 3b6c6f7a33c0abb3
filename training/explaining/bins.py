"""Values in bins of about equal counts, none of which holds fewer leads than could hide a person."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.explaining.explanations import LEAST_LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.feature import Feature

MOST_BINS = 10
"""More would draw the noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binned:
    """Which bin each row is in: `of` int64 (n,), and what bounds each bin, as `explanations.Bin` has it."""

    of: NDArray[np.int64]
    codes: tuple[tuple[int, ...], ...]
    bounds: tuple[tuple[float | None, float | None], ...]

    def __len__(self) -> int:
        return len(self.codes)


def binned_values(feature: Feature, values: NDArray[np.float64], lead: NDArray[np.int64]) -> Binned:
    """Put known values (n,) of a feature into bins; `lead` int64 (n,) says whose row each is.

    Categories: one bin a code, the most common first, beyond MOST_BINS together. Numbers: between quantiles
    (with rounded bounds, since a quantile is somebody's own value). A bin of fewer than LEAST_LEADS leads is
    pooled with the smaller of its neighbours. No bin at all where all of the rows are of fewer.
    """
    if len(np.unique(lead)) < LEAST_LEADS:
        return Binned(of=np.full(len(values), -1), codes=(), bounds=())
    if feature.is_category:
        return _of_codes(values.astype(np.int64), lead)
    return _of_numbers(values, lead)


def _of_codes(values: NDArray[np.int64], lead: NDArray[np.int64]) -> Binned:
    codes, first, inverse, counts = np.unique(
        values, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(-counts, kind="stable")
    place = np.empty(len(codes), np.int64)
    place[order] = np.minimum(np.arange(len(codes)), MOST_BINS - 1)
    of = _pooled(place[inverse], lead)
    held: list[list[int]] = [[] for _ in range(int(of.max()) + 1)]
    for at in order.tolist():
        held[int(of[first[at]])].append(int(codes[at]))
    return Binned(of=of, codes=tuple(map(tuple, held)), bounds=((None, None),) * len(held))


def _of_numbers(values: NDArray[np.float64], lead: NDArray[np.int64]) -> Binned:
    edges = edges_of(values)
    first = np.searchsorted(edges, values, side="right")
    of = _pooled(first, lead)
    bounds: list[tuple[float | None, float | None]] = []
    for number in range(int(of.max()) + 1):
        within = values[of == number]
        least, most = int(first[of == number].min()), int(first[of == number].max())
        low = None if least == 0 else float(edges[least - 1])
        high = None if most == len(edges) else float(edges[most])
        is_single = within.min() == within.max() and math.isfinite(within[0])
        bounds.append((float(within[0]), float(within[0])) if is_single else (low, high))
    return Binned(of=of, codes=((),) * len(bounds), bounds=tuple(bounds))


def edges_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bounds between bins of about equal counts of values (n,), rising, each above the least.

    Each is rounded to a tenth of the size of its distance to the next bound.

    >>> edges_of(np.repeat([0.0, 1.0, 2.0, 40.0], [70, 10, 10, 10])).tolist()
    [1.0, 2.0, 40.0]
    """
    inner = np.linspace(0, 1, MOST_BINS + 1)[1:-1]
    found = np.unique(np.quantile(values, inner, method="higher"))
    found = found[np.isfinite(found) & (found > values.min())]
    neat = np.unique([_neat(value, found) for value in found.tolist()])
    return np.asarray(neat[(neat > values.min()) & (neat <= values.max())], np.float64)


def _neat(value: float, among: NDArray[np.float64]) -> float:
    distances = np.abs(among - value)
    distances = distances[distances > 0]
    gap = float(distances.min()) if len(distances) else abs(value) or 1.0
    return round(value, 1 - math.floor(math.log10(gap)))


def _pooled(of: NDArray[np.int64], lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return bins numbered from 0 without a gap, each of at least LEAST_LEADS leads (there are so many)."""
    _, of = np.unique(of, return_inverse=True)
    while True:
        leads = leads_by_bin(of, lead)
        small = int(np.argmin(leads))
        if leads[small] >= LEAST_LEADS or len(leads) == 1:
            return np.asarray(of, np.int64)
        beside = [at for at in (small - 1, small + 1) if 0 <= at < len(leads)]
        into = min(beside, key=lambda at: leads[at])
        of = np.where(of == max(small, into), min(small, into), of)
        of = np.where(of > max(small, into), of - 1, of)


def leads_by_bin(of: NDArray[np.int64], lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many leads have rows in each bin, int64 (bins,)."""
    leads = int(lead.max()) + 1
    return np.bincount(np.unique(of * leads + lead) // leads)
