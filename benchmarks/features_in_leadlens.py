"""The features of `made_events.SPEC` at one moment, by LeadLens: the code that training and scoring run."""

from pathlib import Path

import numpy as np
from made_events import AS_OF, SPEC
from numpy.typing import NDArray

from features.bucketed import BucketedHistory
from features.prepared import Prepared


def in_parts(folder: Path, names: list[str]) -> NDArray[np.float64]:
    """Return the features of all leads, float64 (leads, features), read bucket by bucket."""
    if names != SPEC.names:
        raise ValueError("the features asked for are not those of the spec")
    prepared = Prepared.open(folder)
    history = BucketedHistory(prepared, prepared.mapping)
    leads = np.arange(len(history))
    return history.vectors(SPEC, leads, np.full(len(leads), AS_OF)).values


def lead_ids(folder: Path) -> list[str]:
    """Return the ids of the leads in the order of the features."""
    return [lead for tables in Prepared.open(folder) for lead in tables.leads["lead_id"]]
