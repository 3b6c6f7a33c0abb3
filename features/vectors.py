"""From leads to feature vectors: the one function that training, files and requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.durations import DAY_US
from features.engagement import fill_events
from features.events import NO_TIME
from features.fit import FitPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.errors import Fault
    from features.spec import FeatureSpec


@dataclass(frozen=True, slots=True)
class Vectors:
    """What was read: `values` float64 (n, features), NaN where missing.

    `faults` are those of rows that could not be read; `absent` the columns that the spec uses and the
    batch does not bring.
    """

    values: NDArray[np.float64]
    faults: Mapping[int, tuple[Fault, ...]]
    absent: tuple[str, ...]


def vectorise(spec: FeatureSpec, batch: LeadBatch) -> Vectors:
    """Return the feature vectors of n leads at their moments.

    A row depends on nothing but its own lead and moment: one row and a million rows give the same bits.
    """
    values = np.full((len(batch), len(spec.features)), np.nan)
    fit = FitPlan(spec.columns, spec.rules)
    faults, absent = fit.fill(values, batch.cells)
    at = fit.width
    if spec.has_age:
        known = batch.created_at != NO_TIME
        values[known, at] = (batch.as_of[known] - batch.created_at[known]) / DAY_US
    if spec.has_events:
        fill_events(values, spec, batch)
    return Vectors(values, faults, absent)
