"""Leads at moments: what goes into a feature vector, whether it came from a request, a file or history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from features.events import joined_logs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    `as_of`. `owner` int64 (n,): whose events in `events` belong to the row. `is_stored`: the store keeps the
    leads, so that a column that is not there is one that nobody knows, not one that was not sent.
    """

    lead_ids: Sequence[str]
    created_at: NDArray[np.int64]
    as_of: NDArray[np.int64]
    cells: Mapping[str, Cells]
    events: EventLog
    owner: NDArray[np.int64]
    is_stored: bool = False

    def __len__(self) -> int:
        return len(self.lead_ids)

    def alone(self) -> LeadBatch:
        """Return the same rows with no other leads' events beside theirs."""
        owners, owner = np.unique(self.owner, return_inverse=True)
        return replace(self, events=self.events.of(owners), owner=owner.astype(np.int64))


def joined(batches: Sequence[LeadBatch], order: NDArray[np.int64]) -> LeadBatch:
    """Return batches of different leads as one, its rows in `order` (positions in what the batches hold)."""
    owners = np.cumsum([0, *(batch.events.owners for batch in batches)])
    owner = np.concatenate([b.owner + start for b, start in zip(batches, owners, strict=False)])
    lead_ids = [lead_id for batch in batches for lead_id in batch.lead_ids]
    rows = order.tolist()
    cells: dict[str, list[Any]] = {}
    for name in dict.fromkeys(name for batch in batches for name in batch.cells):
        column: list[Any] = []
        for batch in batches:
            column += list(batch.cells.get(name, [None] * len(batch)))
        cells[name] = [column[row] for row in rows]
    return LeadBatch(
        lead_ids=[lead_ids[row] for row in rows],
        created_at=np.concatenate([batch.created_at for batch in batches])[order],
        as_of=np.concatenate([batch.as_of for batch in batches])[order],
        cells=cells,
        events=joined_logs([batch.events for batch in batches]),
        owner=owner[order],
    )
