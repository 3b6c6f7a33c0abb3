"""Groups: features that are about one thing are one reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.feature import Family, Feature
    from features.spec import FeatureSpec


@dataclass(frozen=True, slots=True)
class Group:
    """Features about one thing, and their `positions` in the vector.

    `about`: what that is. A column of the leads may bear the name of a type of event, so `is_of_column` is
    part of what a group is known by, also from one version of a model to the next.
    """

    is_of_column: bool
    about: str
    family: Family
    positions: tuple[int, ...]
    features: tuple[Feature, ...]

    @property
    def key(self) -> tuple[bool, str]:
        """What it is known by in every spec."""
        return self.is_of_column, self.about


def groups_of(spec: FeatureSpec) -> tuple[Group, ...]:
    """Return the groups of a spec, in the order of their first features."""
    found: dict[tuple[bool, str], list[int]] = {}
    for position, feature in enumerate(spec.features):
        found.setdefault((feature.is_of_column, feature.about), []).append(position)
    return tuple(
        Group(
            is_of_column=key[0],
            about=key[1],
            family=spec.features[positions[0]].family,
            positions=tuple(positions),
            features=tuple(spec.features[i] for i in positions),
        )
        for key, positions in found.items()
    )


def sums_by_group(contributions: NDArray[np.float64], groups: tuple[Group, ...]) -> NDArray[np.float64]:
    """Return each group's part of margins (log-odds), float64 (n, groups), of contributions (n, features).

    Added up in the order of the features, so that one row and many give the same bits.
    """
    sums = np.zeros((len(contributions), len(groups)))
    for at, group in enumerate(groups):
        for position in group.positions:
            sums[:, at] += contributions[:, position]
    return sums
