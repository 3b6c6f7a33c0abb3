"""The rival that most teams have: points for what a lead is and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.points import BoundCard
from training.evidence.evidence import SCORECARD
from training.evidence.rivals.rows import Foretold
from training.evidence.rivals.sigmoid import fit_sigmoid, out_of_fold
from training.fitting.scorecard import derived_card

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from models.points_card import PointsCard
    from training.evidence.rivals.rows import Rows
    from training.evidence.rivals.sigmoid import Sigmoid


def by_scorecard(
    rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec, card: PointsCard | None
) -> Foretold:
    """Return what points foretell: the company's card, or where there is none one derived from the past.

    Points become probabilities by a sigmoid fitted on the past's census; those of a derived card out of
    fold, so that it is not taken for better than it is.
    """
    if card is not None:
        bound = BoundCard(card, spec)
        sigmoid = fit_sigmoid(bound.points(rows.values), rows.labels)
        said = "the company's own card; a sigmoid makes its points probabilities"
        return Foretold(SCORECARD, said, sigmoid(bound.points(tested)))

    def fit(chosen: NDArray[np.bool_]) -> Sigmoid:
        labels = rows.labels[chosen]
        card = derived_card(spec, rows.values[chosen], labels, np.ones(len(labels)))
        return BoundCard(card, spec).points

    sigmoid = fit_sigmoid(out_of_fold(rows, fit), rows.labels)
    said = "integer points derived from log-odds, one feature at a time; a sigmoid makes them probabilities"
    return Foretold(SCORECARD, said, sigmoid(fit(np.ones(len(rows.labels), np.bool_))(tested)))
