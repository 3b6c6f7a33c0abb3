"""How many leads stand behind rows, and whether they are enough to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.errors import RefusedError
from training.fitting.recipe import MIN_CONVERSIONS

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments


def leads_by_label(past: Past, rows: Moments) -> tuple[int, int]:
    """Return how many leads convert in any of their rows, and how many in none.

    Rows that are one person's or one company's lead (its duplicates) count once.
    """
    owner = past.owner[rows.lead]
    converted = len(np.unique(owner[rows.label == 1.0]))
    return converted, len(np.unique(owner)) - converted


def lacking(past: Past, rows: Moments) -> str | None:
    """Return what rows lack to be learned from, in a sentence; None where nothing."""
    for count, said in zip(leads_by_label(past, rows), ("converted", "did not convert"), strict=True):
        if count < MIN_CONVERSIONS:
            return f"Only {count} leads {said}; at least {MIN_CONVERSIONS} are needed to learn from."
    return None


def refuse_too_little(past: Past, *parts: Moments, where: str = "") -> None:
    """Raise RefusedError where any of the parts has too few leads of either label to learn from.

    `where` begins the sentence.
    """
    reason = next((said for said in (lacking(past, rows) for rows in parts) if said), None)
    if reason is not None:
        raise RefusedError(
            f"{where}{reason} Bring a longer history, or check the label and the horizon in the mapping. "
            "Until there are enough, a points scorecard can serve: leadlens points"
        )
