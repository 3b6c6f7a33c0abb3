"""Groups: features that are about one thing are one reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.feature import ACTIVITY, TOUCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from features.feature import Family, Feature
    from features.spec import FeatureSpec

Key = tuple[bool, str]
"""Whether it is of a column, and what it is about."""


@dataclass(frozen=True, slots=True)
class Group:
    """Features about one thing, and their `positions` in the vector.

    `about`: what that is. A column of the leads may bear the name of a type of event, so `is_of_column` is
    part of what a group is known by, also from one version of a model to the next. The first of its features
    are about that; others may tell the same over again under another name (see `joined`).
    """

    is_of_column: bool
    about: str
    family: Family
    positions: tuple[int, ...]
    features: tuple[Feature, ...]

    @property
    def key(self) -> Key:
        """What it is known by in every spec."""
        return self.is_of_column, self.about


def groups_of(spec: FeatureSpec) -> tuple[Group, ...]:
    """Return the groups of a spec, in the order of their first features. All of a group are of one family."""
    same = joined(spec)
    found: dict[Key, list[int]] = {}
    for position, feature in enumerate(spec.features):
        key = feature.is_of_column, feature.about
        found.setdefault(same.get(key, key), []).append(position)
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


def joined(spec: FeatureSpec) -> dict[Key, Key]:
    """Return what is the same thing under another name, and the name that is told.

    Where the lead acts in one way only, all its activity is that; so with our touches. A source that is
    read from one column alone says what that column says.
    """
    return {**dict(_sources(spec)), **dict(_activity(spec))}


def _sources(spec: FeatureSpec) -> Iterator[tuple[Key, Key]]:
    plain = {column.name: column for column in spec.columns if column.kind == "category"}
    for column in spec.columns:
        if column.kind == "source" and len(column.reads) == 1:
            read = plain.get(column.reads[0][1])
            if read is not None and read.family == column.family:
                yield (True, column.name), (True, read.name)


def _activity(spec: FeatureSpec) -> Iterator[tuple[Key, Key]]:
    details, touches = set(spec.detail_keys), set(spec.touch_keys)
    types = [key for key in spec.event_keys if key not in details]
    for whole, own in (
        (ACTIVITY, [key for key in types if key not in touches]),
        (TOUCHES, [key for key in types if key in touches]),
    ):
        if len(own) == 1:
            yield (False, whole), (False, own[0])


def sums_by_group(contributions: NDArray[np.float64], groups: tuple[Group, ...]) -> NDArray[np.float64]:
    """Return each group's part of margins (log-odds), float64 (n, groups), of contributions (n, features).

    Added up in the order of the features, so that one row and many give the same bits.
    """
    sums = np.zeros((len(contributions), len(groups)))
    for at, group in enumerate(groups):
        for position in group.positions:
            sums[:, at] += contributions[:, position]
    return sums
