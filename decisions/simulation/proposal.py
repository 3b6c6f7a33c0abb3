"""A threshold that the answers of sales propose: accepted leads and returned ones, by their scores."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from decisions.simulation.draws import Doubted, doubted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST_ANSWERS = 50
LEAST_OF_EACH = 10
"""With fewer answers, or fewer of one kind, nothing is proposed."""

DRAWS = 400
SEED = 8

ABOUT_THE_LEAD = frozenset({"no_need", "no_budget", "too_early", "other"})
"""Reasons for a return that a higher threshold may spare sales. That a person was wrong, not reachable, or
that data were bad says nothing about the score, and neither does a competitor, whom a rule finds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What sales said of a lead that was handed over with a score (0-99).

    `reason`: why it was returned, None where it was accepted.
    """

    score: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The least score from which on sales accepts at least the `wanted` share (0-1) of leads.

    `threshold`: with its 95 % interval, None where nothing is proposed; `why` says so in a sentence, or what
    it rests on. `accepted`, `returned`: how many answers count; `reasons`: all returns by reason, those that
    do not count too. `rate`: the share accepted among the leads that count. It is never applied by itself.
    """

    wanted: float
    threshold: Doubted | None
    why: str
    accepted: int
    returned: int
    rate: float | None
    reasons: dict[str, int]


def proposed_threshold(
    answers: Sequence[Answer], wanted: float, *, counted: frozenset[str] = ABOUT_THE_LEAD, seed: int = SEED
) -> Proposal:
    """Return the threshold that answers propose, or why they propose none.

    The share accepted is taken to rise with the score: it is the isotonic regression of acceptance on the
    score (pool adjacent violators, Ayer et al. 1955). A bootstrap over the answers gives the interval; a draw
    in which no score reaches what is wanted counts as 100, which no lead has.
    """
    reasons = Counter(one.reason for one in answers if one.reason is not None)
    told = [one for one in answers if one.reason is None or one.reason in counted]
    score = np.asarray([one.score for one in told], np.int64)
    is_accepted = np.asarray([one.reason is None for one in told], np.float64)
    accepted = int(is_accepted.sum())
    returned = len(told) - accepted
    threshold, why = _proposed(score, is_accepted, wanted, seed)
    return Proposal(
        wanted=wanted,
        threshold=threshold,
        why=why,
        accepted=accepted,
        returned=returned,
        rate=accepted / len(told) if told else None,
        reasons=dict(sorted(reasons.items())),
    )


def _proposed(
    score: NDArray[np.int64], is_accepted: NDArray[np.float64], wanted: float, seed: int
) -> tuple[Doubted | None, str]:
    accepted = int(is_accepted.sum())
    returned = len(score) - accepted
    if len(score) < LEAST_ANSWERS or min(accepted, returned) < LEAST_OF_EACH:
        return None, (
            f"Too few answers of sales that tell of the score: {accepted:,} accepted and {returned:,} "
            f"returned, where at least {LEAST_ANSWERS} are needed, {LEAST_OF_EACH} of each."
        )
    least = _least(score, is_accepted, wanted)
    if least > 99:
        return None, (
            f"At no score does sales accept {wanted:.0%} of the leads: a threshold alone does not give that."
        )
    generator = np.random.default_rng(seed)
    drawn = [float(least)]
    for _ in range(DRAWS):
        chosen = generator.integers(0, len(score), len(score))
        drawn.append(float(_least(score[chosen], is_accepted[chosen], wanted)))
    if least == int(score.min()):
        why = (
            f"Sales accepts at least {wanted:.0%} from {least} on, the least score that it was given: a "
            "lower threshold may do, of which these answers say nothing."
        )
    else:
        why = f"From a score of {least} on, sales accepts at least {wanted:.0%} of the leads it answered."
    return doubted(np.asarray(drawn)), why


def _least(score: NDArray[np.int64], is_accepted: NDArray[np.float64], wanted: float) -> int:
    """Return the least score whose acceptance is at least what is wanted; 100 where there is none."""
    scores, of = np.unique(score, return_inverse=True)
    rates = rising(np.bincount(of, weights=is_accepted).astype(float), np.bincount(of).astype(float))
    enough = np.flatnonzero(rates >= wanted - 1e-12)
    return int(scores[enough[0]]) if len(enough) else 100


def rising(sums: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means that never fall and are nearest to sums / weights, float64 (n,) each, weighted.

    >>> rising(np.asarray([1.0, 0.0, 2.0]), np.asarray([1.0, 1.0, 2.0])).tolist()
    [0.5, 0.5, 1.0]
    """
    blocks: list[tuple[float, float, int]] = []
    for total, weight in zip(sums.tolist(), weights.tolist(), strict=True):
        block = (total, weight, 1)
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    return np.concatenate([np.full(count, total / weight) for total, weight, count in blocks])
