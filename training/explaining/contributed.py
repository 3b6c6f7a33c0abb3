"""What explanations of all scores are made of: rows of the census with what moved their margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributed:
    """n rows of the census, each taken apart by a model that never saw its lead.

    `values` and `contributions` (log-odds): float64 (n, features). `owner` int64 (n,): whose row each is.
    `fold` int64 (n,): which model told it. `as_of` int64 (n,): microseconds UTC, None for flat data.
    """

    values: NDArray[np.float64]
    contributions: NDArray[np.float64]
    owner: NDArray[np.int64]
    fold: NDArray[np.int64]
    as_of: NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.owner)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Contributed:
        """Return the chosen rows, in order: a flag for each, or their positions."""
        return Contributed(
            values=self.values[chosen],
            contributions=self.contributions[chosen],
            owner=self.owner[chosen],
            fold=self.fold[chosen],
            as_of=None if self.as_of is None else self.as_of[chosen],
        )
