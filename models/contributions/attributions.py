"""The face of the room: a booster in, exact contributions of each row out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray


class Attributions:
    """Exact contributions of one booster. Pure; several threads may ask it at once.

    `expected` is the expected margin (log-odds). `method` is how the contributions are made: from tables, or
    by LightGBM itself, which takes hundreds of times as long.
    """

    method: Literal["tables", "lightgbm"]

    def __init__(self, booster: lightgbm.Booster) -> None:
        self._booster = booster
        self.method = "lightgbm"
        row = np.full((1, booster.num_feature()), np.nan)
        self.expected = float(self.values(row)[0, -1])

    def values(self, vectors: NDArray[np.float64], *, threads: int = 1) -> NDArray[np.float64]:
        """Return contributions, float64 (n, features + 1), of vectors float64 (n, features).

        The last column is the expected margin, as LightGBM orders it. A row depends on nothing but itself:
        one row and a million rows give the same bits, whatever `threads` says.
        """
        found = self._booster.predict(vectors, pred_contrib=True, num_threads=threads)
        return np.asarray(found, np.float64)
