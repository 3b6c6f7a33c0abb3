"""The twin: the recipe trained on a part of the data, so that it can be asked about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.scorer import LeadScorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A scorer, and of what it may be asked.

    With `learned_until` (int64 microseconds UTC) it may be asked of moments from then on: all that it learned
    from was decided before. Where the data are flat it may be asked of leads created from then on, but for
    rows of people of whom it learned an earlier row; when labels were decided is not known there. With `fold`
    it may be asked of the leads of that fold of so many `folds`, of which it saw none. One of the two is
    None.
    """

    scorer: LeadScorer
    learned_until: int | None = None
    fold: int | None = None
    folds: int | None = None
