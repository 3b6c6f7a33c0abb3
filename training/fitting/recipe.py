"""The recipe: everything that makes two fits on the same data the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from models.boosting import Boosting

if TYPE_CHECKING:
    from features.feature import Family
    from models.scorecard.points_card import PointsCard
    from training.fitting.monotone import Direction

FOLDS = 5

MOST_TREES = 300
"""Reasons cost by the number of trees; what more of them would give, a faster rate gives nearly as well."""

MIN_CONVERSIONS = 20
"""Fewer leads of either label cannot carry five folds, a calibration and an honest interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is fitted, and how. `families`: which features may be learned from.

    `seed`: of all that is random. The trees are seeded by it too, whatever seed `boosting` comes with.
    With `early_stopping` the number of trees is chosen by validation, `boosting.num_trees` being the most.
    `monotone`: columns or features, each with the direction in which it alone may move the margin.
    `card`: the company's scorecard, with which a model of few conversions is blended; None: the one that
    comes with LeadLens.
    """

    name: str = "leadlens"
    boosting: Boosting = field(default_factory=lambda: Boosting(num_trees=MOST_TREES))
    folds: int = FOLDS
    seed: int = 7
    families: tuple[Family, ...] = ("fit", "engagement", "context")
    early_stopping: bool = True
    monotone: tuple[tuple[str, Direction], ...] = ()
    card: PointsCard | None = None

    def __post_init__(self) -> None:
        if self.boosting.seed != self.seed:
            object.__setattr__(self, "boosting", replace(self.boosting, seed=self.seed))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        settings = asdict(replace(self, card=None))
        return settings | {"card": None if self.card is None else self.card.to_dict()}
