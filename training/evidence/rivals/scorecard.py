"""The rivals that most teams have: points for what a lead is and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.scorecard.points import BoundCard
from training.evidence.evidence import COMPANY_CARD, SCORECARD
from training.evidence.rivals.rows import Foretold
from training.evidence.rivals.sigmoid import fit_sigmoid, out_of_fold
from training.fitting.scorecard import derived_card

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from models.scorecard.points_card import PointsCard
    from training.evidence.rivals.rows import Rows
    from training.evidence.rivals.sigmoid import Sigmoid


def by_own_card(rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec, card: PointsCard) -> Foretold:
    """Return what the company's own card foretells, by a sigmoid fitted on the past's census."""
    bound = BoundCard(card, spec)
    sigmoid = fit_sigmoid(bound.points(rows.values), rows.labels)
    said = "the company's own card; a sigmoid makes its points probabilities"
    return Foretold(COMPANY_CARD, said, sigmoid(bound.points(tested)))


def by_scorecard(rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec) -> Foretold:
    """Return what points derived from the past foretell.

    Points become probabilities by a sigmoid fitted on the past's census, out of fold, so that the card is not
    taken for better than it is.
    """

    def fit(chosen: NDArray[np.bool_]) -> Sigmoid:
        labels = rows.labels[chosen]
        card = derived_card(spec, rows.values[chosen], labels, np.ones(len(labels)))
        return BoundCard(card, spec).points

    sigmoid = fit_sigmoid(out_of_fold(rows, fit), rows.labels)
    said = "integer points derived from log-odds, one feature at a time; a sigmoid makes them probabilities"
    return Foretold(SCORECARD, said, sigmoid(fit(np.ones(len(rows.labels), np.bool_))(tested)))
