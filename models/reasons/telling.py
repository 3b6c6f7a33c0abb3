"""Contributions told as reasons: the largest first, in words, adding up to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.words import ENGLISH
from features.words.plain import sentence
from models.reasons.apart import distinct, told_apart
from models.reasons.groups import groups_of
from models.reasons.largest import largest_of
from models.reasons.merit import MissingAsMerit
from models.reasons.not_known import NotKnown
from models.reasons.rest import rest
from models.score import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.reasons.largest import Largest

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
        held = None if usual is None else usual.tolist()
        self._usual = [None if held is None else [held[i] for i in g.positions] for g in self.groups]
        self._phrasers = [words.phraser(group.features) for group in self.groups]
        self._apart = [told_apart(group, words) for group in self.groups]
        self._merit = MissingAsMerit(spec.features, usual)
        self._missing = NotKnown(self.groups, words)
        self._names = [tuple(feature.name for feature in group.features) for group in self.groups]

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
        A group of which nothing is known is never shown: it is part of the last, which names it where that
        lowers the score. So is one that would make a merit of what is missing. No two reasons have the same
        text.
        """
        largest = self.largest(values.reshape(1, -1), contributions.reshape(1, -1), shown)
        chosen = largest.of_row(0)
        return self.told(values, contributions, chosen, log_odds=log_odds, points=points, slope=slope)

    def largest(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        shown: int | None,
        *,
        threads: int = 1,
    ) -> Largest:
        """Choose the reasons of n leads, from `values` and `contributions`, float64 (n, features)."""
        known = self._merit.taken_out(values, contributions)
        return largest_of(contributions, known, self.groups, shown, threads=threads)

    def told(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        chosen: list[tuple[int, float]],
        *,
        log_odds: float,
        points: float,
        slope: float,
    ) -> tuple[Reason, ...]:
        """Return the reasons of one lead from those that `largest` chose for it; see `reasons`."""
        held = values.tolist()
        reasons: list[Reason] = []
        texts: set[str] = set()
        for at, amount in chosen:
            group = self.groups[at]
            phrase = self._phrasers[at](_of(held, group.positions), self._usual[at])
            text = sentence(phrase)
            if text in texts:
                text, phrase = distinct(self._apart[at], text, texts), self._apart[at](phrase)
            texts.add(text)
            reasons.append(
                Reason(
                    text=text,
                    phrase=phrase,
                    effect=round(amount * slope * GRAIN) / GRAIN,
                    log_odds=amount,
                    family=group.family,
                    features=self._names[at],
                )
            )
        return (*reasons, rest(reasons, log_odds, points, self._missing.said(held, contributions)))


def _of(held: list[float], positions: tuple[int, ...]) -> list[float]:
    return [held[i] for i in positions]
