"""Validation within the examples: who is learned from and who is judged, as the deployment will have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.events import NO_TIME
from training.fitting.enough import leads_by_label
from training.fitting.folds import parts_of
from training.fitting.recipe import MIN_CONVERSIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments

CUTS = (0.55, 0.7, 0.85)
"""The shares of the examples, by time, after which a validation begins; each ends where the next begins."""

PARTS = 5
"""By lead: so many parts, each judged by what is learned from the others."""


@dataclass(frozen=True, slots=True)
class Validation:
    """Positions of examples, rising, int64: what is `learned` from, and what is `judged`."""

    learned: NDArray[np.int64]
    judged: NDArray[np.int64]


def validations_of(past: Past, examples: Moments) -> tuple[Validation, ...]:
    """Return validations forward in time where there is time and enough remains, else by lead.

    Forward in time: after each of `CUTS` the examples up to the next, judged by all whose label window had
    ended before the first of them (an embargo of one horizon; for flat data with dates of creation, all that
    were created before). One that has fewer than 20 leads of either label to learn from, fewer than a quarter
    of that to judge, or that loses more than half of the earlier examples to the embargo, is left out.

    By lead: `PARTS` parts by a hash of the lead's id, so that no lead is on both sides.
    """
    times = times_of(past, examples)
    found = () if times is None else tuple(_forward(past, examples, times))
    return found or tuple(_by_lead(past, examples))


def times_of(past: Past, rows: Moments) -> NDArray[np.int64] | None:
    """Return what orders rows in time, int64 microseconds (n,): of flat data, when their leads were created.

    None where a lead of flat data has no date of creation: such rows have no order in time.
    """
    if past.mapping.is_dated:
        return rows.as_of
    created = past.created_at[rows.lead]
    return None if (created == NO_TIME).any() else created


def _forward(past: Past, examples: Moments, times: NDArray[np.int64]) -> list[Validation]:
    horizon = past.mapping.training.horizon if past.mapping.is_dated else None
    ordered = np.sort(times)
    cuts = [int(ordered[int(share * len(times))]) for share in CUTS]
    found = []
    for start, end in zip(cuts, (*cuts[1:], int(ordered[-1]) + 1), strict=True):
        earlier = times < start
        learned = earlier if horizon is None else times + horizon <= start
        judged = (times >= start) & (times < end)
        if learned.sum() * 2 < earlier.sum():
            continue
        if (
            _least(past, examples, learned) >= MIN_CONVERSIONS
            and _least(past, examples, judged) >= MIN_CONVERSIONS // 4
        ):
            found.append(Validation(np.flatnonzero(learned), np.flatnonzero(judged)))
    return found


def _by_lead(past: Past, examples: Moments) -> list[Validation]:
    part = parts_of(past.owner_hash[examples.lead], PARTS, "validation")
    return [
        Validation(np.flatnonzero(part != number), np.flatnonzero(part == number))
        for number in range(PARTS)
        if _least(past, examples, part == number) and _least(past, examples, part != number)
    ]


def _least(past: Past, examples: Moments, chosen: NDArray[np.bool_]) -> int:
    """Return how many leads have the label of which fewer have it."""
    return min(leads_by_label(past, examples.where(chosen)))
