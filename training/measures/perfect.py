"""What is left of a calibration error where nothing is wrong: the noise of so many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.measures.plain import bins_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 500


def perfect_calibration_error(
    p: NDArray[np.float64], owner: NDArray[np.int64], *, seed: int = 0, draws: int = DRAWS
) -> float:
    """Return what the calibration error stays below in 95 of 100 cases where every probability holds.

    Labels are drawn from the probabilities p (0-1), float64 (n,) themselves. `owner` int64 (n,) says whose
    row each is: the rows of one lead share one draw, so that they convert together, for a lead that is open
    on many dates and wins has won for most of them.
    """
    bin_of = bins_of(p, np.ones(len(p)))
    count = int(bin_of.max(initial=-1)) + 1
    _, lead = np.unique(owner, return_inverse=True)
    leads, rng = int(lead.max(initial=-1)) + 1, np.random.default_rng(seed)
    said = np.bincount(bin_of, weights=p, minlength=count)
    errors = np.empty(draws)
    for draw in range(draws):
        converts = rng.random(leads)[lead] < p
        came = np.bincount(bin_of[converts], minlength=count)
        errors[draw] = np.abs(came - said).sum()
    return float(np.quantile(errors, 0.95) / len(p))
