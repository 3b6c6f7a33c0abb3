"""Flattery: what a random split by lead would have shown of the rows of the later period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.evidence.evidence import Flattery
from training.fitting.calibrating import held_out_probabilities
from training.measures import Figure, all_figures, resampling
from training.measures.together import differences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from training.evidence.foretold import Judged
    from training.evidence.split import Split
    from training.fitting.fitted import Fitted
    from training.measures import Resampling


def flattery_of(past: Past, fitted: Fitted, census: Moments, split: Split, tested: Judged) -> Flattery | None:
    """Return how the final fit's folds, a random split by lead, do on the very rows of the later period.

    Their calibration is fitted anew, each tenth of the leads without it, so that no row judges what it
    taught. None where no later period was tested: there the evidence itself is of a random split.
    """
    if split.is_tested is None:
        return None
    random = random_split(past, fitted, census)[split.is_tested]
    draws = resampling(past.owner[tested.rows.lead])
    return flattery_beside(tested.rows.label, random, tested.probabilities, draws)


def random_split(past: Past, fitted: Fitted, census: Moments) -> NDArray[np.float64]:
    """Return a probability (0-1) of each census row by models that its lead had no part in."""
    owner = past.owner_hash[census.lead].astype("int64")
    margins = fitted.out_of_fold.margin
    return held_out_probabilities(fitted.calibration.method, margins, census.label, owner)


def flattery_beside(
    labels: NDArray[np.float64],
    random: NDArray[np.float64],
    later: NDArray[np.float64],
    draws: Resampling,
) -> Flattery:
    """Return the flattery of `random` beside `later`, probabilities of the same rows, float64 (n,) each."""
    figures = all_figures(labels, random, draws, {}, has_line=False)
    less = differences(labels, random, later, draws)
    lost = less["log_loss"]
    more = Figure(-lost.value, -lost.high, -lost.low)
    return Flattery(
        random_auc=figures["roc_auc"],
        random_log_loss=figures["log_loss"],
        auc=less["roc_auc"].value,
        log_loss=more.value,
        auc_difference=less["roc_auc"],
        log_loss_difference=more,
    )
