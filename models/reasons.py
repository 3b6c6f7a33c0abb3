"""Contributions grouped into reasons: signed, in words, adding up to the score."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from features.words import is_known, say
from models.score import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from models.score import Score

GRAIN = 2.0**40
"""Effects are whole multiples of 1 / GRAIN points (1e-12), so that doubles add them up without rounding."""

REST = "Not known or small"
"""The text of the last reason, which holds what the others leave."""


class Reasoning:
    """How contributions are grouped: features that are about one thing are one reason."""

    def __init__(self, spec: FeatureSpec) -> None:
        groups: dict[tuple[bool, str], list[int]] = {}
        for position, feature in enumerate(spec.features):
            groups.setdefault((feature.is_of_column, feature.about), []).append(position)
        self._groups = list(groups.values())
        self._features = [[spec.features[i] for i in positions] for positions in self._groups]

    def reasons(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        *,
        log_odds: float,
        points: float,
        slope: float,
        shown: int | None,
    ) -> tuple[Reason, ...]:
        """Return the reasons of one lead, the largest first, and the rest last.

        `values` and `contributions` are float64 (features,). The reasons' log-odds add up, in their order,
        to `log_odds` (margin less expected margin) and their effects to `points` (score less baseline).
        `slope` is in points of score for a unit of log-odds. `shown` bounds the reasons before the last.
        A group of which nothing is known is never shown: it is part of the last.
        """
        held, parts = values.tolist(), contributions.tolist()
        amounts = [_in_order([parts[i] for i in group]) for group in self._groups]
        ranked = sorted(range(len(amounts)), key=lambda group: (-abs(amounts[group]), group))
        told = (g for g in ranked if amounts[g] != 0.0 and is_known([held[i] for i in self._groups[g]]))
        reasons = []
        for group in islice(told, shown):
            features = self._features[group]
            reasons.append(
                Reason(
                    text=say(features, [held[i] for i in self._groups[group]]),
                    effect=round(amounts[group] * slope * GRAIN) / GRAIN,
                    log_odds=amounts[group],
                    family=features[0].family,
                    features=tuple(feature.name for feature in features),
                )
            )
        return (*reasons, rest(reasons, log_odds, points))


def shortened(score: Score, shown: int | None) -> Score:
    """Return a score that was told with all its reasons as it is told with `shown` of them.

    The result is to the bit what the scorer gives when it is asked for so many.
    """
    if shown is None:
        return score
    told = score.reasons[:-1][:shown]
    points = float(score.score - score.baseline_score)
    return replace(score, reasons=(*told, rest(told, _moved(score), points)))


def _moved(score: Score) -> float | None:
    """Return the log-odds that the reasons add up to, None on the points rung, which has none."""
    if score.margin is None or score.expected_margin is None:
        return None
    return score.margin - score.expected_margin


def rest(told: Sequence[Reason], log_odds: float | None, points: float) -> Reason:
    """Return the last reason, which holds what the others leave of the log-odds and the points of score."""
    parts = [reason.log_odds for reason in told if reason.log_odds is not None]
    return Reason(
        text=REST,
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
    partial = _in_order(parts)
    rest = total - partial
    while partial + rest < total:
        rest = float(np.nextafter(rest, np.inf))
    while partial + rest > total:
        rest = float(np.nextafter(rest, -np.inf))
    return rest


def _in_order(parts: list[float]) -> float:
    total = 0.0
    for part in parts:
        total += part
    return total
