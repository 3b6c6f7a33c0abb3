"""The ladder: which rung so many conversions carry, and the blend of scorecard and model half-way up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.blend import Blend, Line
from models.scorecard.default_card import default_card
from models.scorecard.points import BoundCard
from training.measures.together import logistic_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from models.scorecard.points_card import PointsCard

MODEL_CONVERSIONS = 100
"""From so many converting leads on, a model stands alone: ten events for each of ten effects (Peduzzi et al.
1996, who found estimates of fewer than ten events an effect to be unreliable)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The census out of fold: `values` (n, features), `label` (n,) of 0 and 1, `fold` int64 (n,)."""

    values: NDArray[np.float64]
    label: NDArray[np.float64]
    fold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a scorecard adds to the census out of fold, and the `blend` for the scorer; None: a model alone.

    `weight` (0-1) is the model's. `of_points` float64 (n,): the log-odds that the points stand for; `slope`
    (n,): the log-odds of a point. Those of a row come from the line of its fold.
    """

    weight: float
    blend: Blend | None
    of_points: NDArray[np.float64]
    slope: NDArray[np.float64]

    def margins(self, of_model: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the margins (n,) out of fold, of the model's."""
        if self.blend is None:
            return of_model
        return np.asarray(self.weight * of_model + (1.0 - self.weight) * self.of_points)

    def contributions(
        self, of_model: NDArray[np.float64], values: NDArray[np.float64], rows: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the contributions (rows, features) to some rows' margins, of the model's.

        `values` (rows, features) are their vectors. Of each feature's points what is above their mean counts.
        """
        if self.blend is None:
            return of_model
        points = self.blend.card.contributions(values) - self.blend.means
        of_points = self.slope[rows, None] * points
        return np.asarray(self.weight * of_model + (1.0 - self.weight) * of_points)


def weight_of_model(conversions: int) -> float:
    """Return the weight of the model (0-1): the share of the way to where it stands alone.

    What a model has learned grows with the conversions that it saw; what the card knows stays.

    >>> weight_of_model(20), weight_of_model(60), weight_of_model(100), weight_of_model(5_000)
    (0.2, 0.6, 1.0, 1.0)
    """
    return min(1.0, conversions / MODEL_CONVERSIONS)


def laddered(spec: FeatureSpec, card: PointsCard | None, conversions: int, census: Rows) -> Ladder:
    """Blend a model with a scorecard where there are too few conversions for a model alone.

    `card`: the company's, else the one that comes with LeadLens. `conversions`: the converting leads that
    were learned from. The line from points to log-odds of a fold is fitted on the other folds, so that
    calibration and ranks rest on margins that nobody fitted to the rows themselves; the scorer's own line is
    fitted on all.
    """
    weight = weight_of_model(conversions)
    if weight == 1.0:
        return Ladder(weight, None, np.empty(0), np.empty(0))
    bound = BoundCard(default_card(spec) if card is None else card, spec)
    by_feature = bound.contributions(census.values)
    points, means = by_feature.sum(axis=1), by_feature.mean(axis=0)
    of_points, slope = np.empty_like(points), np.empty_like(points)
    for fold in np.unique(census.fold):
        own = census.fold == fold
        line = fitted_line(points[~own], census.label[~own])
        of_points[own] = line.intercept + line.slope * points[own]
        slope[own] = line.slope
    blend = Blend(card=bound, weight=weight, line=fitted_line(points, census.label), means=means)
    return Ladder(weight, blend, of_points, slope)


def fitted_line(points: NDArray[np.float64], label: NDArray[np.float64]) -> Line:
    """Fit the log-odds of label 1 as a line of points (n,), by the likelihood of Platt's targets (1999).

    (N1 + 1) / (N1 + 2) and 1 / (N0 + 2) stand for 1 and 0, so that points which part the labels give no
    infinite slope. A slope below 0 would make a merit of what the card counts against a lead: then it is 0,
    and the intercept the log-odds of the share of label 1.
    """
    ones = float(label.sum())
    zeros = len(label) - ones
    target = np.where(label == 1.0, (ones + 1.0) / (ones + 2.0), 1.0 / (zeros + 2.0))
    share = float(target.mean())
    flat = Line(intercept=float(np.log(share / (1.0 - share))), slope=0.0)
    slope, intercept = logistic_line(target, points, np.ones(len(points)))
    return flat if slope <= 0.0 else Line(intercept=intercept, slope=slope)
