"""From leads to feature vectors: the one function that training, files and requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from features.durations import DAY_US
from features.engagement import EventPlan
from features.events import NO_TIME
from features.fit import FitPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.errors import Fault
    from features.one_lead import OneLead
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


class Vector(NamedTuple):
    """What was read of one lead: `values` float64 (1, features), `faults` and `absent` as in `Vectors`.

    `is_late`: whether an event occurred or was known after the moment.
    """

    values: NDArray[np.float64]
    faults: tuple[Fault, ...]
    absent: tuple[str, ...]
    is_late: bool


class Vectoriser:
    """Makes feature vectors as a spec says; made once, used for one lead or for millions."""

    def __init__(self, spec: FeatureSpec) -> None:
        self.spec = spec
        self._fit = FitPlan(spec.columns, spec.rules)
        self._events = EventPlan(spec) if spec.has_events else None
        self._width = len(spec.features)

    def __call__(self, batch: LeadBatch, into: NDArray[np.float64] | None = None) -> Vectors:
        """Return the feature vectors of n leads at their moments, written to `into` where it is given.

        `into` is float64 (n, features), C-contiguous; what it held is lost. A row depends on nothing but its
        own lead and moment: one row and a million rows give the same bits.
        """
        values = np.empty((len(batch), self._width)) if into is None else into
        values.fill(np.nan)
        faults, absent = self._fit.fill(values, batch.cells)
        if self.spec.has_age:
            known = batch.created_at != NO_TIME
            values[known, self._fit.width] = (batch.as_of[known] - batch.created_at[known]) / DAY_US
        if self._events is not None:
            self._events.fill(values, batch)
        return Vectors(values, faults, absent)

    def of_one(self, lead: OneLead) -> Vector:
        """Return the feature vector of one lead: that which its batch has, to the bit."""
        values = np.empty((1, self._width))
        values.fill(np.nan)
        faults, absent = self._fit.fill_one(values, lead.cells)
        if self.spec.has_age and lead.created_at != NO_TIME:
            values[0, self._fit.width] = float(lead.as_of - lead.created_at) / DAY_US
        is_late = self._events is not None and self._events.fill_one(values, lead.as_of, lead.events)
        return Vector(values, faults, absent, is_late)


def vectorise(spec: FeatureSpec, batch: LeadBatch) -> Vectors:
    """Return the feature vectors of n leads at their moments, for a spec that is used once."""
    return Vectoriser(spec)(batch)
