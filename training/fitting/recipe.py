"""The recipe: everything that makes two fits on the same data the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from models.boosting import Boosting

if TYPE_CHECKING:
    from features.feature import Family
    from models.points_card import PointsCard

FOLDS = 5

MIN_CONVERSIONS = 20
"""Fewer leads of either label cannot carry five folds, a calibration and an honest interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is fitted, and how. `families`: which features may be learned from.

    `card`: the company's scorecard, with which a model of few conversions is blended; None: the one that
    comes with LeadLens.
    """

    name: str = "leadlens"
    boosting: Boosting = field(default_factory=Boosting)
    folds: int = FOLDS
    seed: int = 7
    families: tuple[Family, ...] = ("fit", "engagement", "context")
    card: PointsCard | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        settings = asdict(replace(self, card=None))
        return settings | {"card": None if self.card is None else self.card.to_dict()}
