"""What a rival is fitted on, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors of the past's census: `values` float64 (n, features), NaN where missing; `labels` float64 (n,).

    `fold` int64 (n,): which of a few parts of the leads the row's lead is in.
    """

    values: NDArray[np.float64]
    labels: NDArray[np.float64]
    fold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Foretold:
    """Probabilities (0-1), float64 (n,), that a rival gives to the tested rows; `said`: how it was made."""

    name: str
    said: str
    probabilities: NDArray[np.float64]
