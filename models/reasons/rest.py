"""The last reason: what the others leave, so that the sums stay exact."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from features.words import ENGLISH
from models.score import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.score import Score

REST = ENGLISH.text("reasons.rest")
"""The text of the last reason in English."""


def shortened(score: Score, shown: int | None) -> Score:
    """Return a score that was told with all its reasons as it is told with `shown` of them.

    The result is to the bit what the scorer gives when it is asked for so many.
    """
    if shown is None:
        return score
    told = score.reasons[:-1][:shown]
    points = float(score.score - score.baseline_score)
    last = rest(told, _moved(score), points, score.reasons[-1].text)
    return replace(score, reasons=(*told, last))


def _moved(score: Score) -> float | None:
    """Return the log-odds that the reasons add up to, None on the points rung, which has none."""
    if score.margin is None or score.expected_margin is None:
        return None
    return score.margin - score.expected_margin


def rest(told: Sequence[Reason], log_odds: float | None, points: float, text: str = REST) -> Reason:
    """Return the last reason, which holds what the others leave of the log-odds and the points of score."""
    parts = [reason.log_odds for reason in told if reason.log_odds is not None]
    return Reason(
        text=text,
        effect=remainder([reason.effect for reason in told], points),
        log_odds=None if log_odds is None else remainder(parts, log_odds),
        family=None,
        features=(),
    )


def remainder(parts: list[float], total: float) -> float:
    """Return the number that, added last to the parts in their order, gives `total`.

    To the bit, except where the parts are so much larger than `total` that no double does: then the sum
    is off by less than one unit in the last place of the largest part.

    >>> parts = [0.1, 0.2]
    >>> 0.1 + 0.2 + remainder(parts, 1.0)
    1.0
    """
    partial = in_order(parts)
    rest = total - partial
    while partial + rest < total:
        rest = math.nextafter(rest, math.inf)
    while partial + rest > total:
        rest = math.nextafter(rest, -math.inf)
    return rest


def rests(parts: NDArray[np.float64], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the `remainder` of each row: parts float64 (n, k), totals float64 (n,)."""
    found = [remainder(row, total) for row, total in zip(parts.tolist(), totals.tolist(), strict=True)]
    return np.asarray(found, np.float64)


def in_order(parts: Sequence[float]) -> float:
    """Return the sum of parts, added up in their order."""
    total = 0.0
    for part in parts:
        total += part
    return total
