"""Folds: which leads a model of the recipe does not see, so that it can be asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from training.fitting.recipe import Recipe


def folds_of(history: Past, recipe: Recipe) -> NDArray[np.int64]:
    """Return the fold of each lead row, int64 (rows,): rows of one lead id share it."""
    owners = int(history.owner.max()) + 1
    shuffled = np.random.default_rng(recipe.seed).permutation(owners)
    return np.asarray(shuffled[history.owner] % recipe.folds)
