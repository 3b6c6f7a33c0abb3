"""Some leads through the scorer, here or on a worker: the way that a request takes, many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.errors import Fault
from features.events import NO_TIME
from leadlens.score_columns import scored_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from features.history import History
    from leadlens.score_columns import ScoredRows
    from models.artifact import AnyScorer

CHUNK = 5_000
"""So many leads are scored at a time, which bounds memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Leads to score at `history.extract_at`, and `rows` (int64): their numbers in their file."""

    history: History
    rows: NDArray[np.int64]


def score_part(
    part: Part,
    scorer: AnyScorer,
    tell: Callable[[int], None] = lambda _: None,
    chunk_leads: int = CHUNK,
) -> Iterator[ScoredRows]:
    """Score the leads of a part in the order of their file, some at a time.

    Each lead is scored by itself: how leads are parted moves no score. `tell` hears after each of these how
    many leads it was; what it raises ends the work.
    """
    history = part.history
    now = history.extract_at
    order = np.argsort(part.rows, kind="stable")
    for start in range(0, len(history), chunk_leads):
        chunk = order[start : start + chunk_leads]
        created = history.created_at[chunk]
        uncreated = np.flatnonzero((created != NO_TIME) & (created > now)).tolist()
        batch = history.at(chunk, np.full(len(chunk), now))
        yield scored_rows(scorer, batch, part.rows[chunk], dict.fromkeys(uncreated, _UNCREATED))
        tell(len(chunk))


_UNCREATED = Fault(
    "created_at",
    "a lead that was created at or before as_of",
    "a later one",
    "Score it at a later moment, with --as-of.",
)
