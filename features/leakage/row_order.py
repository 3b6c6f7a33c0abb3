"""(f) The order of the rows, and numbers that count the leads, where they tell who converts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.leakage.cell_views import binned
from features.leakage.discrimination import STEADY, auc_of_codes, standard_error
from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.leakage.cell_views import ColumnViews

ORDER_AUC = 0.55
"""From here on the order of the rows is worth a note: rates of conversion do drift over the years."""

SUSPECT_AUC = 0.65
"""A number that only counts the leads should not rank them this well: numbers given out when a lead
converts do, and so does a file in which the winners were appended."""

NEARLY_ALL = 0.9
"""The share of different values that makes a whole number an identifier."""


def row_order_auc(labels: NDArray[np.float64], fold: NDArray[np.int64]) -> float | None:
    """Return the AUC of the place of a row in the data, or None where it is next to chance."""
    auc = auc_of_codes(binned(np.arange(len(labels), dtype=np.float64)), labels, fold)
    return auc if auc >= ORDER_AUC and auc - 0.5 >= STEADY * standard_error(labels) else None


def counting(views: ColumnViews, auc: float) -> Evidence | None:
    """Say that a column is a number of the lead that tells who converts, or None."""
    if views.numbers is None or views.is_time or auc < ORDER_AUC:
        return None
    known = views.numbers[views.filled]
    if len(known) < 100 or (known != np.floor(known)).any():
        return None
    if len(np.unique(known)) < NEARLY_ALL * len(known):
        return None
    strength = Strength.STRONG if auc >= SUSPECT_AUC else Strength.WEAK
    said = f"a different whole number for nearly every lead, which yet ranks them (AUC {auc:.2f})"
    return Evidence(kind="order", strength=strength, figure=auc, sentence=said)
