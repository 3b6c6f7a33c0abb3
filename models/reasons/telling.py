"""Contributions told as reasons: the largest first, in words, adding up to the score."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from features.words import ENGLISH, is_known
from models.reasons.groups import groups_of
from models.reasons.rest import in_order, rest
from models.score import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from features.words import Phrasebook

GRAIN = 2.0**40
"""Effects are whole multiples of 1 / GRAIN points (1e-12), so that doubles add them up without rounding."""


class Reasoning:
    """How the contributions of a spec's features are told.

    `usual` float64 (features,) are the population's usual values, NaN where none is; None where not known.
    """

    def __init__(
        self, spec: FeatureSpec, usual: NDArray[np.float64] | None = None, words: Phrasebook = ENGLISH
    ) -> None:
        self.groups = groups_of(spec)
        self._words = words
        held = None if usual is None else usual.tolist()
        self._usual = [None if held is None else [held[i] for i in g.positions] for g in self.groups]

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
        amounts = [in_order([parts[i] for i in group.positions]) for group in self.groups]
        ranked = sorted(range(len(amounts)), key=lambda at: (-abs(amounts[at]), at))
        told = (at for at in ranked if amounts[at] != 0.0 and is_known(_of(held, self.groups[at].positions)))
        reasons = []
        for at in islice(told, shown):
            group = self.groups[at]
            reasons.append(
                Reason(
                    text=self._words.say(group.features, _of(held, group.positions), self._usual[at]),
                    effect=round(amounts[at] * slope * GRAIN) / GRAIN,
                    log_odds=amounts[at],
                    family=group.family,
                    features=tuple(feature.name for feature in group.features),
                )
            )
        return (*reasons, rest(reasons, log_odds, points))


def _of(held: list[float], positions: tuple[int, ...]) -> list[float]:
    return [held[i] for i in positions]
