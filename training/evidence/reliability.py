"""Reliability: whether leads that are given a probability convert as often as it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.measures import BINS, Figure  # pydantic reads the annotations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.measures import Resampling


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Rows of like probability: how many, the mean `probability` they were given, the share that converted.

    `converted` is that share (0-1) with its 95 % interval, from a bootstrap over leads; see
    `Resampling.share` for bins in which nobody converts.
    """

    rows: int
    probability: float
    converted: Figure


def reliability(
    labels: NDArray[np.float64], probabilities: NDArray[np.float64], draws: Resampling, *, bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Return bins of equal numbers of rows by rising probability; fewer than `bins` rows make one each.

    `labels` (0 or 1) and `probabilities` (0-1) are float64 (n,); `draws` are of their leads.
    """
    bins = min(bins, len(labels))
    parts = np.array_split(np.argsort(probabilities, kind="stable"), bins) if bins else []
    return tuple(
        ReliabilityBin(
            rows=len(part),
            probability=float(probabilities[part].mean()),
            converted=draws.where(part).share(labels[part]),
        )
        for part in parts
    )
