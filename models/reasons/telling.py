"""Contributions told as reasons: the largest first, in words, adding up to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from features.words import ENGLISH
from features.words.plain import sentence
from models.reasons.apart import distinct, told_apart
from models.reasons.groups import groups_of
from models.reasons.largest import largest_of
from models.reasons.merit import MissingAsMerit
from models.reasons.not_known import NotKnown
from models.reasons.rest import remainder
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
        self.apart = [told_apart(group, words) for group in self.groups]
        self.merit = MissingAsMerit(spec.features, usual)
        self.missing = NotKnown(self.groups, words)
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
        chosen = self.largest(values.reshape(1, -1), contributions.reshape(1, -1), shown).of_row(0)
        amounts = [amount for _, amount in chosen]
        effects = [effect_of(amount, slope) for amount in amounts]
        return self.told(
            values.tolist(),
            Moved([group for group, _ in chosen], amounts, effects),
            Moved(
                self.missing.of(values, contributions),
                [remainder(amounts, log_odds)],
                [remainder(effects, points)],
            ),
        )

    def largest(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        shown: int | None,
        *,
        threads: int = 1,
    ) -> Largest:
        """Choose the reasons of n leads, from `values` and `contributions`, float64 (n, features)."""
        known = self.merit.taken_out(values, contributions)
        return largest_of(contributions, known, self.groups, shown, threads=threads)

    def phrase(self, group: int, values: list[float]) -> str:
        """Return what a group's values say inside a sentence, by the position of the group."""
        return self._phrasers[group](values, self._usual[group])

    def told(self, held: list[float], moved: Moved, rest: Moved) -> tuple[Reason, ...]:
        """Return the reasons of one lead whose vector is `held`: those that `moved` it most, and the rest.

        `rest` has the groups that the last reason names, and one amount and effect.
        """
        texts: dict[str, str] = {}
        for at in moved.group:
            phrase = self.phrase(at, [held[i] for i in self.groups[at].positions])
            text = sentence(phrase)
            if text in texts:
                text, phrase = distinct(self.apart[at], text, texts), self.apart[at](phrase)
            texts[text] = phrase
        told = [
            Reason(
                text=text,
                phrase=phrase,
                effect=effect,
                log_odds=amount,
                family=self.groups[at].family,
                features=self._names[at],
            )
            for (text, phrase), at, amount, effect in zip(
                texts.items(), moved.group, moved.log_odds, moved.effect, strict=True
            )
        ]
        last = Reason(
            text=self.missing.said(rest.group),
            effect=rest.effect[0],
            log_odds=rest.log_odds[0],
            family=None,
            features=(),
        )
        return (*told, last)


class Moved(NamedTuple):
    """What moved a score: positions of groups, their log-odds, and the same in points of score."""

    group: list[int]
    log_odds: list[float]
    effect: list[float]


def effect_of(log_odds: float, slope: float) -> float:
    """Return log-odds in points of score, a whole multiple of 1 / GRAIN."""
    return round(log_odds * slope * GRAIN) / GRAIN
