"""What is missing is never told as a merit: few filled-in fields that raise a score are not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.feature import Feature

HALF = 0.5
"""Where nothing says how many fields are usual, less than half is few."""


class MissingAsMerit:
    """Finds shares of filled-in fields that are below what is usual, and raise the score.

    `features` are those of the vectors. `usual` float64 (features,) are the population's usual values; None
    where not known. `least` float64 (features,): a value below it that raises the score is no merit; -inf for
    all features but the shares.
    """

    def __init__(self, features: Sequence[Feature], usual: NDArray[np.float64] | None) -> None:
        self._positions = [at for at, one in enumerate(features) if _is_completeness(one)]
        held = np.full(len(features), np.nan) if usual is None else usual
        self._least = np.where(np.isnan(held), HALF, held)
        self.least = np.full(len(features), -np.inf)
        self.least[self._positions] = self._least[self._positions]

    def taken_out(
        self, values: NDArray[np.float64], contributions: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return values (n, features) in which such shares count as not known."""
        for at in self._positions:
            wrong = (contributions[:, at] > 0.0) & (values[:, at] < self._least[at])
            if wrong.any():
                values = values.copy()
                values[wrong, at] = np.nan
        return values


def _is_completeness(feature: Feature) -> bool:
    return feature.measure == "number" and feature.part == "completeness"
