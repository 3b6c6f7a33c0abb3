"""Early stopping: how many trees a recipe needs, by what they foretell of examples they were not grown on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.boosting import losses_of, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import lightgbm

    from features.snapshots import Moments
    from models.boosting import Boosting
    from training.fitting.validation import Validation

PATIENCE = 30
"""So many further trees without a better log loss end the growing."""

FEWEST = 10
"""Fewer trees are not chosen: they could not tell more than a handful of leads apart."""

MANY_EXAMPLES = 50_000
"""From so many examples on, one validation, the latest, tells the number of trees well enough."""


def trees_for(
    dataset: lightgbm.Dataset,
    examples: Moments,
    validations: Sequence[Validation],
    boosting: Boosting,
    directions: Sequence[int] = (),
) -> int:
    """Return the number of trees with the least log loss, the mean over the validations.

    `dataset` holds the examples, binned; `boosting.num_trees` is the most. All validations grow in step, and
    stop together after PATIENCE trees without a better mean. Without a validation it is the most.
    """
    if not validations:
        return boosting.num_trees
    if len(examples) >= MANY_EXAMPLES:
        validations = validations[-1:]
    growing = [
        losses_of(*parts(dataset, examples, validation), boosting, directions=directions)
        for validation in validations
    ]
    best, best_trees = np.inf, 0
    for trees, losses in enumerate(zip(*growing, strict=True), start=1):
        mean = float(np.mean(losses))
        if mean < best:
            best, best_trees = mean, trees
        elif trees - best_trees >= PATIENCE:
            break
    return min(max(best_trees, FEWEST), boosting.num_trees)


def parts(
    dataset: lightgbm.Dataset, examples: Moments, validation: Validation
) -> tuple[lightgbm.Dataset, lightgbm.Dataset]:
    """Return what is learned from and what is judged as parts of the Dataset; in each a lead counts once."""
    learned, judged = validation.learned, validation.judged
    return (
        part_of(dataset, learned, examples.where(learned).weight),
        part_of(dataset, judged, examples.where(judged).weight),
    )
