"""Doubt about figures of leads: the bootstrap, the same draws for all of them, so that differences pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

DRAWS = 400


@dataclass(frozen=True, slots=True)
class Doubted:
    """A figure and its 95 % interval, widened to hold the figure."""

    value: float
    low: float
    high: float


def doubted(drawn: NDArray[np.float64]) -> Doubted | None:
    """Return a figure of `drawn`: of all leads first, then of each draw. None where all leads say nothing.

    A draw that says nothing (NaN) is left out.
    """
    value = float(drawn[0])
    if not np.isfinite(value):
        return None
    rest = drawn[1:][np.isfinite(drawn[1:])]
    low, high = np.quantile(rest, [0.025, 0.975]) if len(rest) else (value, value)
    return Doubted(value, min(value, float(low)), max(value, float(high)))


class Draws:
    """Draws of leads with replacement (Efron 1979). The same seed gives the same draws."""

    def __init__(self, leads: int, *, seed: int, draws: int = DRAWS) -> None:
        self._leads, self._seed, self._draws = leads, seed, draws

    def sums(self, columns: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Return the sums of columns, float64 (leads,) each: float64 (1 + draws,), of all leads first."""
        held = np.column_stack(list(columns.values())).reshape(self._leads, len(columns))
        return dict(zip(columns, self.summed(held).T, strict=True))

    def summed(self, held: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of float64 (leads, k) by column: float64 (1 + draws, k), of all leads first."""
        generator = np.random.default_rng(self._seed)
        sums = np.zeros((1 + self._draws, held.shape[1]))
        sums[0] = held.sum(axis=0)
        for draw in range(1, 1 + self._draws if self._leads else 1):
            times = np.bincount(generator.integers(0, self._leads, self._leads), minlength=self._leads)
            sums[draw] = times @ held
        return sums
