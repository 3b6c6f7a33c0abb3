"""Explanations of all scores, made up for any spec: no figure in them is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from made_about import around

from models.reasons.groups import groups_of
from training.explaining.explanations import Bin, Dependence, Explanations, Moved, Stability

if TYPE_CHECKING:
    from features.feature import Feature
    from features.spec import FeatureSpec
    from models.reasons.groups import Group
    from training.explaining.explanations import Over


def made_explanations(spec: FeatureSpec, *, scale: float = 1.0) -> Explanations:
    """Return explanations with every field filled; `scale` moves all figures."""
    groups = groups_of(spec)
    return Explanations(
        rows=20_000,
        leads=4_321,
        moved=tuple(_moved(group, at, scale) for at, group in enumerate(groups)),
        dependence=tuple(_dependence(group.features[0], scale) for group in groups[:9]),
        stability=(
            _stability("folds", ("fold 1", "fold 2"), 0.83),
            _stability("quarters", ("2026 Q1", "2026 Q2"), 0.97),
        ),
    )


def _stability(over: Over, parts: tuple[str, str], agreement: float) -> Stability:
    return Stability(
        over=over, parts=parts, rows=(9_000, 11_000), agreement=agreement, least=agreement - 0.12
    )


def _moved(group: Group, at: int, scale: float) -> Moved:
    first, unsteady = group.features[0], at == 1
    return Moved(
        is_of_column=group.is_of_column,
        about=group.about,
        family=group.family,
        size=around(scale * 0.4123 / (at + 1), 0.0101),
        by=first.name,
        trend=None if first.is_category else 0.71,
        in_folds=(at + 1, at + 6 if unsteady else at + 1),
        in_quarters=(at + 1, at + 2),
    )


def _dependence(feature: Feature, scale: float) -> Dependence:
    def made(mean: float, **bounds: object) -> Bin:
        return Bin(rows=700, leads=140, mean=around(scale * mean, 0.02), **bounds)  # type: ignore[arg-type]

    if feature.is_category:
        bins = (made(-0.21, codes=(0,)), made(0.13, codes=(1, len(feature.vocabulary))))
    else:
        bins = (
            made(-0.31, low=0.0, high=0.0), made(-0.11, low=1.0, high=20.0),
            made(0.17, low=20.0, high=1_500.0), made(0.29, low=1_500.0),
        )  # fmt: skip
    return Dependence(feature=feature.name, size=0.2 * scale, bins=bins, missing=made(0.04), left_out=0)
