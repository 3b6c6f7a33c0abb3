"""Leads at moments: what goes into a feature vector, whether it came from a request, a file or history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from features.events import EventLog

    Cells = Sequence[Any] | pd.Series[Any]
    """The raw cells of one column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadBatch:
    """n leads, each at one moment. The same lead may stand in it at several moments.

    `created_at`, `as_of`: int64 microseconds UTC, shape (n,); created_at is NO_TIME for flat data.
    `cells`: for each column of the company, n raw cells (text, numbers, booleans, None) as they stood at
    `as_of`. `owner` int64 (n,): whose events in `events` belong to the row.
    """

    lead_ids: Sequence[str]
    created_at: NDArray[np.int64]
    as_of: NDArray[np.int64]
    cells: Mapping[str, Cells]
    events: EventLog
    owner: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lead_ids)
