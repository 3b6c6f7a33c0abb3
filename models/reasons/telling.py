"""Contributions told as reasons: the largest first, in words, adding up to the score."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

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
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.reasons.groups import Group
    from models.reasons.largest import Largest

GRAIN = 2.0**40
"""Effects are whole multiples of 1 / GRAIN points (1e-12), so that doubles add them up without rounding."""

MOST_KEPT = 10_000
"""So many sentences are remembered, some 2 MB."""


class Reasoning:
    """How the contributions of a spec's features are told.

    `usual` float64 (features,) are the population's usual values, NaN where none is; None where not known.
    """

    def __init__(
        self, spec: FeatureSpec, usual: NDArray[np.float64] | None = None, words: Phrasebook = ENGLISH
    ) -> None:
        self.groups = groups_of(spec)
        held = None if usual is None else usual.tolist()
        self._told = [_Told(group, held, words) for group in self.groups]
        self._sentences = _Sentences()
        self.apart = [told_apart(group, words) for group in self.groups]
        self.merit = MissingAsMerit(spec.features, usual)
        self.missing = NotKnown(self.groups, words)

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
        moved = Moved(
            group=[group for group, _ in chosen],
            log_odds=amounts,
            effect=effects,
            named=self.missing.of(values, contributions),
            rest_log_odds=remainder(amounts, log_odds),
            rest_effect=remainder(effects, points),
        )
        return self.told(values.tolist(), moved)

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
        told = self._told[group]
        return told.phraser(values, told.usual)

    def told(self, held: list[float], moved: Moving) -> tuple[Reason, ...]:
        """Return the reasons of one lead whose vector is `held`: those that moved it most, and the rest."""
        said: set[str] = set()
        reasons: list[Reason] = []
        for at, amount, effect in zip(moved.group, moved.log_odds, moved.effect, strict=True):
            told = self._told[at]
            phrase = told.phraser(told.values_of(held), told.usual)
            text = self._sentences[phrase]
            if text in said:
                text, phrase = distinct(self.apart[at], text, said), self.apart[at](phrase)
            said.add(text)
            reasons.append(Reason(text, effect, amount, told.family, told.names, phrase))
        text = self.missing.said(moved.named)
        reasons.append(Reason(text, moved.rest_effect, moved.rest_log_odds, None, ()))
        return tuple(reasons)


class Moving(Protocol):
    """What moved a score: positions of groups, their log-odds, and the same in points of score.

    `named` are the groups that the last reason names, and the last two what it has of both.
    """

    @property
    def group(self) -> Sequence[int]: ...  # noqa: D102
    @property
    def log_odds(self) -> Sequence[float]: ...  # noqa: D102
    @property
    def effect(self) -> Sequence[float]: ...  # noqa: D102
    @property
    def named(self) -> Sequence[int]: ...  # noqa: D102
    @property
    def rest_log_odds(self) -> float | None: ...  # noqa: D102
    @property
    def rest_effect(self) -> float: ...  # noqa: D102


class Moved(NamedTuple):
    """The same of a score that is made here."""

    group: list[int]
    log_odds: list[float]
    effect: list[float]
    named: list[int]
    rest_log_odds: float | None
    rest_effect: float


class _Told:
    """How one group is told: what says it, of which values of a vector, and what is alike for all leads."""

    __slots__ = ("family", "names", "phraser", "usual", "values_of")

    def __init__(self, group: Group, usual: list[float] | None, words: Phrasebook) -> None:
        first, last = group.positions[0], group.positions[-1]
        in_a_row = group.positions == tuple(range(first, last + 1))
        self.values_of: Callable[[list[float]], Sequence[float]] = (
            itemgetter(slice(first, last + 1)) if in_a_row else itemgetter(*group.positions)
        )
        self.usual = None if usual is None else [usual[at] for at in group.positions]
        self.phraser = words.phraser(group.features)
        self.family = group.family
        self.names = tuple(feature.name for feature in group.features)


class _Sentences(dict[str, str]):
    """Sentences by their phrases: leads have most of them in common, so that few are made again."""

    def __missing__(self, phrase: str) -> str:
        text = sentence(phrase)
        if len(self) < MOST_KEPT:
            self[phrase] = text
        return text


def effect_of(log_odds: float, slope: float) -> float:
    """Return log-odds in points of score, a whole multiple of 1 / GRAIN."""
    return round(log_odds * slope * GRAIN) / GRAIN
