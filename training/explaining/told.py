"""Explanations beside the names of their model: what a card and a terminal tell of each reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.reasons.groups import groups_of
from training.explaining.stability import is_unsteady
from training.explaining.words import direction_said, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.feature import Feature
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from training.explaining.explanations import Dependence, Explanations, Moved

SHOWN = 15
"""So many reasons are told one by one; those after them move scores little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReason:
    """A reason at its place (`rank`, from 1): what it is called, and which way it moves scores.

    `feature` is the one that moves margins most, `dependence` what is known of it (None of the weaker
    reasons). `share` (0-1): of what all reasons move.
    """

    rank: int
    moved: Moved
    name: str
    direction: str
    share: float
    feature: Feature
    dependence: Dependence | None

    @property
    def is_unsteady(self) -> bool:
        """Whether its place is not sure."""
        return is_unsteady(self.moved, self.rank)


def worth_telling(reasons: Sequence[ToldReason]) -> tuple[ToldReason, ...]:
    """Return the strongest reasons, at most SHOWN, without those that move no score."""
    return tuple(one for one in reasons[:SHOWN] if one.moved.size.value > 0)


def told_reasons(
    found: Explanations, spec: FeatureSpec, words: Phrasebook = ENGLISH
) -> tuple[ToldReason, ...]:
    """Return the reasons, the strongest first. Raises ValueError where they are not those of the spec."""
    names, features = names_of(spec, words), {feature.name: feature for feature in spec.features}
    keys, needed = {one.key for one in found.moved}, {group.key for group in groups_of(spec)}
    if not needed <= keys <= set(names) or not {one.by for one in found.moved} <= set(features):
        raise ValueError("the explanations are of other features than the model's")
    dependence = {one.feature: one for one in found.dependence}
    whole = sum(one.size.value for one in found.moved) or 1.0
    return tuple(
        ToldReason(
            rank=at + 1,
            moved=one,
            name=names[one.key],
            direction=direction_said(one, features[one.by], dependence.get(one.by)),
            share=one.size.value / whole,
            feature=features[one.by],
            dependence=dependence.get(one.by),
        )
        for at, one in enumerate(found.moved)
    )
