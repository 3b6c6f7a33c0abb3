"""What a feature does to margins, by its value: means of its contribution over bins of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.explaining.bins import binned_values, leads_by_bin
from training.explaining.explanations import LEAST_LEADS, Bin, Dependence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.feature import Feature
    from training.explaining.bins import Binned
    from training.measures.resampling import Resampling


def dependence(
    feature: Feature, values: NDArray[np.float64], moved: NDArray[np.float64], draws: Resampling
) -> Dependence:
    """Return the binned means of what a feature moved margins by, against its values, float64 (n,) each.

    The mean of the bins, weighted by their rows, is the mean over all rows where the feature is known.
    """
    known = ~np.isnan(values)
    binned = binned_values(feature, values[known], draws.lead[known])
    bins = _bins(binned, moved[known], draws.where(known))
    missing = _missing(moved[~known], draws.where(~known))
    told = sum(one.rows for one in bins) + (0 if missing is None else missing.rows)
    return Dependence(
        feature=feature.name,
        size=float(np.abs(moved).mean()),
        bins=bins,
        missing=missing,
        left_out=len(values) - told,
    )


def _bins(binned: Binned, moved: NDArray[np.float64], draws: Resampling) -> tuple[Bin, ...]:
    if not len(binned):
        return ()
    is_in = (binned.of[:, None] == np.arange(len(binned))).astype(np.float64)
    figures = draws.ratios(is_in * moved[:, None], is_in)
    leads = leads_by_bin(binned.of, draws.lead)
    rows = np.bincount(binned.of, minlength=len(binned))
    return tuple(
        Bin(
            rows=int(rows[at]), leads=int(leads[at]), mean=figures[at],
            codes=binned.codes[at], low=binned.bounds[at][0], high=binned.bounds[at][1],
        )
        for at in range(len(binned))
    )  # fmt: skip


def _missing(moved: NDArray[np.float64], draws: Resampling) -> Bin | None:
    leads = len(np.unique(draws.lead))
    return None if leads < LEAST_LEADS else Bin(rows=len(moved), leads=leads, mean=draws.mean(moved))
