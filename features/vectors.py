"""From leads to feature vectors: the one function that training, files and requests share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from features.durations import DAY_US
from features.engagement import EventPlan
from features.events import NO_TIME
from features.fit import FitPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


class VectorsOfEach(NamedTuple):
    """What was read of each of n leads: `values` float64 (n, features), NaN where missing.

    Of each its `faults` and `absent` as in `Vectors`, and `is_late`: whether an event occurred or was known
    after the lead's moment.
    """

    values: NDArray[np.float64]
    faults: list[tuple[Fault, ...]]
    absent: list[tuple[str, ...]]
    is_late: list[bool]


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

    def of_each(self, leads: Sequence[OneLead]) -> VectorsOfEach:
        """Return the feature vectors of leads that have nothing to do with one another.

        Each has the bits that its batch gives it. The events of the leads are put in order.
        """
        values = np.empty((len(leads), self._width))
        values.fill(np.nan)
        read = [self._fit.read(lead.cells) for lead in leads]
        if self.spec.has_age:
            for lead, (row, _, _) in zip(leads, read, strict=True):
                row.append(_age_days(lead))
        values[:, : self._fit.width + self.spec.has_age] = [row for row, _, _ in read]
        plan = self._events
        is_late = [
            plan is not None and plan.fill_one(values, at, lead.as_of, lead.events)
            for at, lead in enumerate(leads)
        ]
        return VectorsOfEach(values, [one[1] for one in read], [one[2] for one in read], is_late)


def _age_days(lead: OneLead) -> float:
    return math.nan if lead.created_at == NO_TIME else float(lead.as_of - lead.created_at) / DAY_US


def vectorise(spec: FeatureSpec, batch: LeadBatch) -> Vectors:
    """Return the feature vectors of n leads at their moments, for a spec that is used once."""
    return Vectoriser(spec)(batch)
