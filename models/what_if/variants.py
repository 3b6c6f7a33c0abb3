"""One lead in several variants: as it is, and as it would be under each hypothesis, in one batch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from features.added_events import seen, with_more
from features.events import event_log_of_rows, joined_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.batch import LeadBatch
    from models.what_if.hypothesis import Hypothesis


def variants(lead: LeadBatch, hypotheses: Sequence[Hypothesis], touches: frozenset[str]) -> LeadBatch:
    """Return a batch of one lead as it is, and then of the same lead under each hypothesis, in order.

    Each variant is the lead as it was known at its moment: what is dated later is in none, not in one that is
    of a later moment either.
    """
    [as_of] = lead.as_of.tolist()
    rows = 1 + len(hypotheses)
    own = lead.alone().events
    known = seen(own, as_of).of(np.zeros(len(hypotheses), np.int64))
    added = event_log_of_rows([hypothesis.events for hypothesis in hypotheses], touches)
    return replace(
        lead,
        lead_ids=[*lead.lead_ids] * rows,
        created_at=np.repeat(lead.created_at, rows),
        as_of=np.asarray([as_of, *(as_of + hypothesis.later_us for hypothesis in hypotheses)], np.int64),
        cells={name: [*cells] * rows for name, cells in lead.cells.items()},
        events=joined_logs([own, with_more(known, added)]),
        owner=np.arange(rows, dtype=np.int64),
    )
