"""What is usual in the population that is scored: the value beside which a lead's own is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.feature import Feature

LEADS = 20
"""Of what fewer rows of the census know, nothing is usual."""


def usual_values(features: Sequence[Feature], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each feature's usual value, float64 (features,), of census vectors (n, features).

    It is one that occurs: the lower median of those that are known, or the most common code of a category
    (the smaller of equals). NaN where fewer than 20 rows know one.
    """
    usual = np.full(len(features), np.nan)
    for at, feature in enumerate(features):
        known = values[~np.isnan(values[:, at]), at]
        if len(known) < LEADS:
            continue
        if feature.is_category:
            codes, counts = np.unique(known, return_counts=True)
            usual[at] = codes[counts.argmax()]
        else:
            usual[at] = np.partition(known, (len(known) - 1) // 2)[(len(known) - 1) // 2]
    return usual
