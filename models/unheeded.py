"""What a score takes no notice of, in words: unknown columns and events, and what was not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.batch import LeadBatch
from features.events import no_events
from features.fit import expected_columns

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.vectors import Vectors


def column_warnings(
    spec: FeatureSpec, mapping: Mapping, batch: LeadBatch, vectors: Vectors
) -> tuple[str, ...]:
    """Return which columns of the batch are not known to the model, and which it misses."""
    expected = expected_columns(spec.columns)
    left_out = {column.name for column in spec.unused} | set(mapping.leads.exclude)
    unknown = [name for name in batch.cells if name not in expected and name not in left_out]
    missing = "is not known of the lead." if batch.is_stored else "was not sent and counts as not known."
    return (
        *(f"Column '{name}' is not known to the model and was ignored." for name in sorted(unknown)),
        *(f"Column '{name}' {missing}" for name in sorted(vectors.absent)),
    )


def event_warnings(spec: FeatureSpec, batch: LeadBatch) -> list[tuple[str, ...]]:
    """Return for each row what of its events the score takes no notice of."""
    log = batch.events
    known = {key.partition(".")[0] for key in spec.event_keys} | set(spec.event_keys)
    unknown = [int(code) for code in np.unique(log.key) if log.keys[code] not in known]
    told: list[tuple[str, ...]] = []
    for owner, as_of in zip(batch.owner.tolist(), batch.as_of.tolist(), strict=True):
        own = slice(log.offsets[owner], log.offsets[owner + 1])
        codes = log.key[own]
        names = sorted(log.keys[code] for code in unknown if (codes == code).any())
        of_row = [f"Events of type '{name}' are not known to the model." for name in names]
        if (log.occurred_at[own] > as_of).any() or (log.known_at[own] > as_of).any():
            of_row.append("Events that came after as_of, or were known only then, were not counted.")
        told.append(tuple(of_row))
    return told


def nobody() -> LeadBatch:
    """Return a lead of whom nothing is known: with it a scorer warms up."""
    moment = np.zeros(1, np.int64)
    return LeadBatch(
        lead_ids=("",), created_at=moment, as_of=moment, cells={}, events=no_events(1), owner=moment
    )
