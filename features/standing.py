"""What stood at a moment: kernels that look a log up by lead and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TimeLog:
    """Rows grouped by owner and sorted by time: owner o has rows offsets[o] to offsets[o + 1].

    `at` int64 microseconds; `order` int64: where each row stood in the table that the log was made from.
    """

    offsets: NDArray[np.int64]
    at: NDArray[np.int64]
    order: NDArray[np.int64]

    def last(self, owner: NDArray[np.int64], as_of: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each (owner, moment) the table's row of the last entry at or before it, or -1."""
        found = _last_at_or_before(self.offsets, self.at, owner, as_of)
        return np.where(found >= 0, self.order[found], -1) if len(self.order) else found


def time_log(owners: int, owner: NDArray[np.int64], at: NDArray[np.int64]) -> TimeLog:
    """Sort rows into a log; of rows at the same time the one later in the table is the last."""
    order = np.lexsort((at, owner)).astype(np.int64)
    offsets = np.zeros(owners + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=owners), out=offsets[1:])
    return TimeLog(offsets, at[order], order)


@numba.njit(cache=True, nogil=True)
def _last_at_or_before(offsets: Any, at: Any, owner: Any, as_of: Any) -> Any:
    found = np.full(len(owner), -1, np.int64)
    for row in range(len(owner)):
        start = offsets[owner[row]]
        stop = offsets[owner[row] + 1]
        position = start + np.searchsorted(at[start:stop], as_of[row], side="right")
        if position > start:
            found[row] = position - 1
    return found
