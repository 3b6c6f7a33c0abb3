"""From the scores of a rival to probabilities, as kindly to it as to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.fitting.ladder import fitted_line
from training.fitting.log_odds import sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from training.evidence.rivals.rows import Rows

    Sigmoid = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def fit_sigmoid(scores: NDArray[np.float64], labels: NDArray[np.float64]) -> Sigmoid:
    """Fit Platt's sigmoid (1999) of scores, with his targets: (N1 + 1) / (N1 + 2) and 1 / (N0 + 2).

    Its slope is at least 0: a score whose order is wrong on the past says the base rate.
    """
    line = fitted_line(scores, labels)
    return lambda points: sigmoid(line.intercept + line.slope * points)


def out_of_fold(rows: Rows, fit: Callable[[NDArray[np.bool_]], Sigmoid]) -> NDArray[np.float64]:
    """Return scores of the rows, each by what `fit` made of the rows of the other folds.

    `fit` is given which rows to learn from, and returns what scores vectors. A fold whose others show one
    label only is scored 0.
    """
    scores = np.zeros(len(rows.labels))
    for fold in np.unique(rows.fold):
        others = rows.fold != fold
        if len(np.unique(rows.labels[others])) == 2:
            scores[~others] = fit(others)(rows.values[~others])
    return scores
