"""The twin: the recipe trained on a part of the data, so that it can be asked about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.scorer import LeadScorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A scorer, and of what it may be asked.

    With `learned_until` (int64 microseconds UTC) it may be asked of moments from then on, or, where the data
    are flat, of leads created from then on: all that it learned from was decided before. With `fold` it may
    be asked of the leads of that fold of so many `folds`, none of which it saw. One of the two is None.
    """

    scorer: LeadScorer
    learned_until: int | None = None
    fold: int | None = None
    folds: int | None = None
