"""How much each reason moves scores: the mean of its absolute contribution, with its doubt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from models.reasons.groups import sums_by_group
from training.explaining.explanations import LEAST_LEADS, Moved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from models.reasons.groups import Group
    from training.explaining.contributed import Contributed
    from training.measures.resampling import Resampling


def sizes_of(contributions: NDArray[np.float64], groups: tuple[Group, ...]) -> NDArray[np.float64]:
    """Return each group's mean absolute log-odds, float64 (groups,), of contributions (n, features).

    The features of a group are added up first: where one raises what another lowers, the reason moves less
    than its features (Lundberg et al. 2020 take the mean of |contribution| by feature).
    """
    return np.asarray(np.abs(sums_by_group(contributions, groups)).mean(axis=0))


def importance(
    rows: Contributed, spec: FeatureSpec, groups: tuple[Group, ...], draws: Resampling
) -> tuple[Moved, ...]:
    """Return how much each group moves margins, the strongest first; equals in the order of the groups."""
    sums = sums_by_group(rows.contributions, groups)
    figures = draws.ratios(np.abs(sums), np.ones(sums.shape))
    by_feature = np.abs(rows.contributions).mean(axis=0)
    found = []
    for at, group in enumerate(groups):
        position = max(group.positions, key=lambda one: (by_feature[one], -one))
        feature = spec.features[position]
        trend = None if feature.is_category else trend_of(rows.values[:, position], sums[:, at], rows.owner)
        found.append(
            Moved(
                is_of_column=group.is_of_column,
                about=group.about,
                family=group.family,
                size=figures[at],
                by=feature.name,
                trend=trend,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.size.value))


def trend_of(
    values: NDArray[np.float64], moved: NDArray[np.float64], owner: NDArray[np.int64]
) -> float | None:
    """Return Spearman's rank correlation of known values with what they moved, float64 (n,) each.

    None where either is constant, or too few leads (`owner`) are known.
    """
    from scipy.stats import spearmanr  # noqa: PLC0415  # takes a second, and few commands explain

    known = ~np.isnan(values)
    values, moved = values[known], moved[known]
    if len(np.unique(owner[known])) < LEAST_LEADS or not np.ptp(moved) or len(np.unique(values)) < 2:
        return None
    found = float(spearmanr(values, moved).statistic)
    return found if math.isfinite(found) else None
