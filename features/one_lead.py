"""One lead at a moment: what a request that waits brings, in the form that costs it least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from features.batch import LeadBatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from features.lead_log import LeadLog


class OneLead(NamedTuple):
    """A lead whose score is asked for. Whoever makes features of it may put its events in order.

    `created_at`, `as_of`: microseconds UTC, created_at NO_TIME for flat data. `cells`: the raw cell of each
    column that was sent.
    """

    lead_id: str
    created_at: int
    as_of: int
    cells: Mapping[str, Any]
    events: LeadLog

    def batch(self) -> LeadBatch:
        """Return the same lead as a batch, of which the same is made."""
        return LeadBatch(
            lead_ids=[self.lead_id],
            created_at=np.asarray([self.created_at], np.int64),
            as_of=np.asarray([self.as_of], np.int64),
            cells={name: [cell] for name, cell in self.cells.items()},
            events=self.events.in_order(),
            owner=np.zeros(1, np.int64),
        )
