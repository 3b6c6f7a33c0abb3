"""The ideal customer profile as the wins show it: which values of fit columns win more than their share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.scorecard.points import codes_of
from training.fitting.scorecard import edges_of, names_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.feature import Feature
    from features.spec import FeatureSpec
    from models.scorecard.points_card import Value

LEAST_LEADS = 20
"""A value of fewer leads could point to a person, and says little of any other."""

Z = 2.576
"""Of a two-sided interval of 99 %: many values are asked, and 95 % would find a merit in one of forty."""


LEAST_LIFT = 1.05
"""What nearly every lead has tells nobody apart, however surely the few others win less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A value of a fit feature, or `at_least` so much, that wins more than its share, with confidence.

    `lift`: its share of wins over that of all leads. `ratio_low`: the low end of the 99 % interval of its
    share of wins over that of the other leads (Katz et al. 1978), above 1.
    """

    feature: str
    value: Value | None
    at_least: float | None
    leads: int
    wins: int
    lift: float
    ratio_low: float

    @property
    def said(self) -> str:
        """The trait in words."""
        what = f"at least {self.at_least:,.10g}" if self.value is None else str(self.value)
        return f"{self.feature}: {what}"


def ideal_profile(
    spec: FeatureSpec, values: NDArray[np.float64], won: NDArray[np.bool_]
) -> tuple[Trait, ...]:
    """Return the traits of those who win, the surest first, from vectors (n, features), one a lead.

    Each wins more than its share with confidence, and by LEAST_LIFT or more.
    Of a number it is the bound above which the wins are surest to be more than the share.
    """
    found: list[Trait] = []
    for position in spec.only("fit").tolist():
        feature, column = spec.features[position], values[:, position]
        traits = _by_value(feature, column, won) if _is_named(feature) else _by_bound(feature, column, won)
        found += [trait for trait in traits if trait.ratio_low > 1.0 and trait.lift >= LEAST_LIFT]
    return tuple(sorted(found, key=lambda trait: (-trait.ratio_low, trait.feature)))


def _by_value(feature: Feature, column: NDArray[np.float64], won: NDArray[np.bool_]) -> list[Trait]:
    traits = (
        _trait(feature, name, None, np.isin(column, codes_of(feature, (name,))), won)
        for name in names_of(feature)
    )
    return [trait for trait in traits if trait is not None]


def _by_bound(feature: Feature, column: NDArray[np.float64], won: NDArray[np.bool_]) -> list[Trait]:
    known = column[~np.isnan(column)]
    traits = (_trait(feature, None, edge, column >= edge, won) for edge in edges_of(known)[1:])
    return sorted((t for t in traits if t is not None), key=lambda trait: -trait.ratio_low)[:1]


def _trait(
    feature: Feature,
    value: Value | None,
    at_least: float | None,
    has_it: NDArray[np.bool_],
    won: NDArray[np.bool_],
) -> Trait | None:
    leads, wins = int(has_it.sum()), int((has_it & won).sum())
    others, other_wins = len(won) - leads, int(won.sum()) - wins
    if min(leads, others) < LEAST_LEADS or not wins:
        return None
    # Half a win more on either side, so that others without any win have a share (Walter 1975).
    ratio = math.log((wins + 0.5) / (leads + 0.5)) - math.log((other_wins + 0.5) / (others + 0.5))
    variance = 1 / (wins + 0.5) - 1 / (leads + 0.5) + 1 / (other_wins + 0.5) - 1 / (others + 0.5)
    return Trait(
        feature=feature.name,
        value=value,
        at_least=at_least,
        leads=leads,
        wins=wins,
        lift=wins / leads / float(won.mean()),
        ratio_low=math.exp(ratio - Z * math.sqrt(max(0.0, variance))),
    )


def _is_named(feature: Feature) -> bool:
    return feature.is_category or feature.measure in {"boolean", "contains"}
