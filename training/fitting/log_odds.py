"""Probabilities and their log-odds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HAIR = 1e-12
"""As near as a probability comes to 0 and 1 where its logarithm is taken."""


def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities (0-1) of log-odds, however large."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))


def logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of probabilities, finite."""
    kept = np.clip(p, HAIR, 1 - HAIR)
    return np.asarray(np.log(kept) - np.log1p(-kept))
