"""Flattery: what a random split by lead would have shown of the rows of the later period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.evidence.evidence import Flattery
from training.fitting.calibrating import held_out_probabilities
from training.measures import Figure, all_figures, losses, resampling
from training.measures.together import differences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from training.evidence.foretold import Judged
    from training.evidence.split import Split
    from training.fitting.fitted import Fitted
    from training.measures import Resampling


@dataclass(frozen=True, slots=True)
class RandomSplit:
    """What models say of rows whose leads they never saw, float64 (n,) each.

    `margin`: log-odds. `probability` (0-1): by a calibration without the row's tenth of the leads,
    so that no row judges what it taught. Its level differs a little from tenth to tenth, and lies the lower
    the more convert in the tenth, so that ranks are those of `margin`.
    """

    margin: NDArray[np.float64]
    probability: NDArray[np.float64]

    def where(self, rows: NDArray[np.bool_]) -> RandomSplit:
        """Return what is said of some of the rows."""
        return RandomSplit(self.margin[rows], self.probability[rows])


def flattery_of(past: Past, fitted: Fitted, census: Moments, split: Split, tested: Judged) -> Flattery | None:
    """Return how the final fit's folds, a random split by lead, do on the very rows of the later period.

    None where no later period was tested: there the evidence itself is of a random split.
    """
    if split.is_tested is None:
        return None
    random = random_split(past, fitted, census).where(split.is_tested)
    draws = resampling(past.owner[tested.rows.lead])
    return flattery_beside(tested.rows.label, random, tested.probabilities, draws)


def random_split(past: Past, fitted: Fitted, census: Moments) -> RandomSplit:
    """Return what a fit's folds say of the census that it was fitted on."""
    owner, margin = past.owner_hash[census.lead].astype(np.int64), fitted.out_of_fold.margin
    method = fitted.calibration.method
    return RandomSplit(margin, held_out_probabilities(method, margin, census.label, owner))


def flattery_beside(
    labels: NDArray[np.float64], random: RandomSplit, later: NDArray[np.float64], draws: Resampling
) -> Flattery:
    """Return the flattery of a random split beside probabilities `later` of the same rows, float64 (n,)."""
    ranked = 1.0 / (1.0 + np.exp(-random.margin))
    auc = differences(labels, ranked, later, draws)["roc_auc"]
    less = differences(labels, random.probability, later, draws)["log_loss"]
    log_loss = Figure(-less.value, -less.high, -less.low)
    return Flattery(
        random_auc=all_figures(labels, ranked, draws, {}, has_line=False)["roc_auc"],
        random_log_loss=draws.mean(losses(labels, random.probability)),
        auc=auc.value,
        log_loss=log_loss.value,
        auc_difference=auc,
        log_loss_difference=log_loss,
    )
