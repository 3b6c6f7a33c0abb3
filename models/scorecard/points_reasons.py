"""Rules that matched as reasons: each in words, with its points, adding up to the score."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.reasons.apart import distinct, told_apart
from models.reasons.groups import groups_of
from models.reasons.rest import in_order, rest
from models.score import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.words import Phrasebook
    from models.scorecard.points import BoundCard


HIGHEST = 99
"""The highest score."""


class RuleReasoning:
    """How rules are said: one without a text says what is known of its subject."""

    def __init__(self, card: BoundCard, words: Phrasebook = ENGLISH) -> None:
        self._features = card.spec.features
        self._rules = card.rules
        of_position = {i: group for group in groups_of(card.spec) for i in group.positions}
        self._groups = [of_position[rule.position] for rule in card.rules]
        self._tellers = [words.teller(group.features) for group in self._groups]
        self._apart = {
            feature.name: told_apart(group, words) for group in self._groups for feature in group.features
        }
        self._rest = words.text("reasons.rest_of_points")
        self._rest_cut = words.text("reasons.rest_of_points_cut")

    def reasons(
        self, values: NDArray[np.float64], worths: NDArray[np.float64], *, score: int, shown: int | None
    ) -> tuple[Reason, ...]:
        """Return the reasons of one lead, the largest first, and last what clipping takes and was not told.

        `values` float64 (features,), `worths` float64 (rules,). The effects add up to `score`, exactly. Rules
        that say the same in the same words are one reason.
        """
        held = values.tolist()
        told: dict[tuple[str, str], list[int]] = {}
        for at, worth in enumerate(worths.tolist()):
            if worth != 0.0:
                family = self._features[self._rules[at].position].family
                told.setdefault((self._said(at, held), family), []).append(at)
        found = [self._reason(text, rules, worths) for (text, _), rules in told.items()]
        ranked = sorted(found, key=lambda reason: (-abs(reason.effect), reason.features, reason.text))
        kept = self._distinct(list(islice((reason for reason in ranked if reason.effect != 0.0), shown)))
        total = in_order(worths.tolist())
        is_cut = total < 0.0 or total >= HIGHEST + 1.0
        return (*kept, rest(kept, None, float(score), self._rest_cut if is_cut else self._rest))

    def _distinct(self, reasons: list[Reason]) -> tuple[Reason, ...]:
        """Return reasons of which no two have the same text: rules of two families may say the same."""
        texts: set[str] = set()
        told = []
        for reason in reasons:
            text = reason.text
            if text in texts:
                text = distinct(self._apart[reason.features[0]], text, texts)
            texts.add(text)
            told.append(replace(reason, text=text))
        return tuple(told)

    def _said(self, at: int, held: list[float]) -> str:
        text = self._rules[at].rule.text
        if text is not None:
            return text
        return self._tellers[at]([held[i] for i in self._groups[at].positions], None)

    def _reason(self, text: str, rules: list[int], worths: NDArray[np.float64]) -> Reason:
        features = [self._features[self._rules[at].position] for at in rules]
        return Reason(
            text=text,
            effect=sum(float(worths[at]) for at in rules),
            log_odds=None,
            family=features[0].family,
            features=tuple(dict.fromkeys(feature.name for feature in features)),
        )
