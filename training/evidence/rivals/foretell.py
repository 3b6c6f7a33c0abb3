"""All rivals of a twin, fitted on its past and asked about its tested rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.evidence.evidence import BASE_RATE
from training.evidence.rivals.bayes import by_naive_bayes
from training.evidence.rivals.regression import by_regression
from training.evidence.rivals.rows import Foretold, Rows
from training.evidence.rivals.scorecard import by_own_card, by_scorecard
from training.evidence.some_leads import some_leads
from training.fitting.folds import parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from features.spec import FeatureSpec
    from models.scorecard.points_card import PointsCard

MOST_ROWS = 200_000
"""Rivals are fitted on at most so many rows of the past's census."""

FOLDS = 3


def by_rivals(
    past: Past, census: Moments, tested: NDArray[np.float64], spec: FeatureSpec, card: PointsCard | None
) -> tuple[Foretold, ...]:
    """Return what each rival foretells of tested vectors, float64 (n, features).

    They learn from the past's census: the population that is scored, so that their probabilities are meant
    for it. A rival that has nothing to go by is absent. `card`: the company's own, beside the derived one and
    never in its place, since a weak card is easily beaten.
    """
    kept = some_leads(past, census, MOST_ROWS, "rows of the rivals")
    few = census.where(kept[census.lead])
    rows = Rows(
        past.vectors(spec, few.lead, few.as_of).values,
        few.label,
        parts_of(past.owner_hash, FOLDS, "folds of the rivals")[few.lead],
    )
    share = float(census.label.mean())
    always = Foretold(BASE_RATE, f"always {share:.2%}, as of the past", np.full(len(tested), share))
    others = (
        by_scorecard(rows, tested, spec),
        None if card is None else by_own_card(rows, tested, spec, card),
        by_regression(rows, tested, spec),
        by_naive_bayes(rows, tested, spec),
    )
    return (always, *(rival for rival in others if rival is not None))
