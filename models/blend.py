"""The blend: a scorecard and a small model, added up in log-odds, while there are few conversions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from features.read_only import read_only
from models.rating.kernels import kernel
from models.scorecard.points import BoundCard
from models.scorecard.points_card import card_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The log-odds that points stand for: intercept + slope x points, with a slope of at least 0."""

    intercept: float
    slope: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """Margins of weight x model + (1 - weight) x (intercept + slope x points), which is linear in both.

    `weight` (0-1) is the model's. `means` float64 (features,) are the census means of the points by feature:
    a feature's part is what its points are above their mean, so that the expected margin is the mean.
    """

    card: BoundCard
    weight: float
    line: Line
    means: NDArray[np.float64]

    def expected(self, of_model: float) -> float:
        """Return the expected margin."""
        points = float(self.means.sum())
        return self.weight * of_model + (1.0 - self.weight) * (self.line.intercept + self.line.slope * points)

    def contributions(
        self, of_model: NDArray[np.float64], values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the contributions (n, features) of booster and points together.

        `of_model` may have more columns than `values`, which are left out.
        """
        found = self.card.contributions(values)
        parts, means = read_only(np.ascontiguousarray(of_model), self.means)
        blend_in(parts, means, self.weight, (1.0 - self.weight) * self.line.slope, found)
        return found

    def margins(self, of_model: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the margins (n,) of the model's and the points of vectors."""
        of_points = self.line.intercept + self.line.slope * self.card.points(values)
        return np.asarray(self.weight * of_model + (1.0 - self.weight) * of_points)

    def to_dict(self) -> dict[str, Any]:
        """Return the blend as JSON values that `blend_from` reads back to the bit."""
        return {
            "card": self.card.card.to_dict(),
            "weight": self.weight,
            "intercept": self.line.intercept,
            "slope": self.line.slope,
            "means": self.means.tolist(),
        }


@kernel
def blend_in(of_model: Any, means: Any, weight: float, for_a_point: float, found: Any) -> None:
    """Turn points by feature, `found` float64 (n, features), into the contributions of both."""
    for row in range(len(found)):
        for feature in range(found.shape[1]):
            points = found[row, feature] - means[feature]
            found[row, feature] = weight * of_model[row, feature] + for_a_point * points


def blend_from(content: dict[str, Any], spec: FeatureSpec) -> Blend:
    """Read a blend back. Raises ValueError where it is not sound or not of the spec."""
    means = np.asarray(content["means"], np.float64)
    numbers = [content["weight"], content["intercept"], content["slope"]]
    if means.shape != (len(spec.features),) or not np.isfinite([*numbers, *means]).all():
        raise ValueError("a blend needs finite numbers, and a mean for each feature")
    if not 0.0 <= content["weight"] <= 1.0 or content["slope"] < 0.0:
        raise ValueError("a blend needs a weight from 0 to 1 and a slope of at least 0")
    return Blend(
        card=BoundCard(card_from(content["card"]), spec),
        weight=float(content["weight"]),
        line=Line(intercept=float(content["intercept"]), slope=float(content["slope"])),
        means=means,
    )
