"""The explanations of a model's scores, whole: importance, dependence, stability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.reasons.groups import groups_of
from training.explaining.dependence import dependence
from training.explaining.explanations import Explanations
from training.explaining.importance import importance
from training.explaining.stability import with_ranks
from training.measures.resampling import resampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.spec import FeatureSpec
    from models.reasons.groups import Group
    from training.explaining.contributed import Contributed
    from training.explaining.explanations import Dependence, Moved
    from training.measures.resampling import Resampling

STRONGEST = 9
"""Of so many reasons it is told how they move scores; the others move them little."""

MOST_FEATURES = 6
"""Of each of them so many features at most, those that move margins most."""


def explained(spec: FeatureSpec, rows: Contributed, *, seed: int = 0) -> Explanations:
    """Explain what moves the margins of rows (at least one), with 95 % intervals by lead."""
    groups = groups_of(spec)
    draws = resampling(rows.owner, seed=seed)
    moved, stability = with_ranks(importance(rows, spec, groups, draws), rows, groups)
    return Explanations(
        rows=len(rows),
        leads=len(np.unique(rows.owner)),
        moved=moved,
        dependence=tuple(_dependence(spec, rows, groups, moved, draws)),
        stability=stability,
    )


def _dependence(
    spec: FeatureSpec,
    rows: Contributed,
    groups: tuple[Group, ...],
    moved: tuple[Moved, ...],
    draws: Resampling,
) -> Iterator[Dependence]:
    by_key = {group.key: group for group in groups}
    size = np.abs(rows.contributions).mean(axis=0)
    for reason in moved[:STRONGEST]:
        positions = sorted(by_key[reason.key].positions, key=lambda at: -size[at])
        for at in positions[:MOST_FEATURES]:
            if size[at] > 0:
                yield dependence(spec.features[at], rows.values[:, at], rows.contributions[:, at], draws)
