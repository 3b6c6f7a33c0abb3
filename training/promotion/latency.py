"""How long one score takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from features.batch import LeadBatch
from features.events import no_events

if TYPE_CHECKING:
    from models.scoring import Scorer

SCORES = 300


def median_latency_ms(scorer: Scorer, scores: int = SCORES) -> float:
    """Return the median of so many single scores with their reasons, in milliseconds, here and now.

    Of a lead of which nothing is known: exact contributions walk every tree alike, whatever the lead.
    """
    scorer.warm_up()
    moment = np.zeros(1, np.int64)
    nobody = LeadBatch(
        lead_ids=("",), created_at=moment, as_of=moment, cells={}, events=no_events(1), owner=moment
    )
    taken = np.empty(scores)
    for number in range(scores):
        start = time.perf_counter()
        scorer.score(nobody)
        taken[number] = time.perf_counter() - start
    return float(np.median(taken) * 1_000)
