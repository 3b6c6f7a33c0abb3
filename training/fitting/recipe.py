"""The recipe: everything that makes two fits on the same data the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.boosting import Boosting

if TYPE_CHECKING:
    from features.feature import Family

FOLDS = 5

MIN_CONVERSIONS = 20
"""Fewer leads of either label cannot carry five folds, a calibration and an honest interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is fitted, and how. `families`: which features may be learned from."""

    name: str = "leadlens"
    boosting: Boosting = field(default_factory=Boosting)
    folds: int = FOLDS
    seed: int = 7
    families: tuple[Family, ...] = ("fit", "engagement", "context")
