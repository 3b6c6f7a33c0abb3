"""Rules that matched as reasons: each in words, with its points, adding up to the score."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from features.words import ENGLISH
from features.words.plain import sentence
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
        self._phrasers = [words.phraser(group.features) for group in self._groups]
        self._apart = [told_apart(group, words) for group in self._groups]
        self._quoted = words.catalogue.templates["names.quoted"]
        self._rest = words.text("reasons.rest_of_points")
        self._rest_cut = words.text("reasons.rest_of_points_cut")

    def reasons(
        self, values: NDArray[np.float64], worths: NDArray[np.float64], *, score: int, shown: int | None
    ) -> tuple[Reason, ...]:
        """Return the reasons of one lead, the largest first, and last what clipping takes and was not told.

        `values` float64 (features,), `worths` float64 (rules,). The effects add up to `score`, exactly. Rules
        of one family with the same text of their own, or about the same thing, are one reason: which are one
        does not depend on the words. No two reasons have the same text.
        """
        held, parts = values.tolist(), worths.tolist()
        together: dict[tuple[object, str], list[int]] = {}
        for at, worth in enumerate(parts):
            if worth != 0.0:
                together.setdefault(self._key(at), []).append(at)
        found = [(in_order([parts[at] for at in rules]), rules) for rules in together.values()]
        ranked = sorted((one for one in found if one[0] != 0.0), key=lambda one: (-abs(one[0]), one[1]))
        texts: set[str] = set()
        told = []
        for effect, rules in islice(ranked, shown):
            text, phrase = self._said(rules[0], held)
            if text in texts:
                apart = self._apart[rules[0]]
                text, phrase = distinct(apart, text, texts), apart(phrase)
            texts.add(text)
            features = [self._features[self._rules[at].position] for at in rules]
            told.append(
                Reason(
                    text=text,
                    effect=effect,
                    log_odds=None,
                    family=features[0].family,
                    features=tuple(dict.fromkeys(feature.name for feature in features)),
                    phrase=phrase,
                )
            )
        total = in_order(parts)
        is_cut = total < 0.0 or total >= HIGHEST + 1.0
        return (*told, rest(told, None, float(score), self._rest_cut if is_cut else self._rest))

    def _key(self, at: int) -> tuple[object, str]:
        about = self._rules[at].rule.text or self._groups[at].key
        return about, self._features[self._rules[at].position].family

    def _said(self, at: int, held: list[float]) -> tuple[str, str]:
        """Return the text of a rule, and how it stands inside a sentence: a text of its own is quoted."""
        text = self._rules[at].rule.text
        if text is not None:
            return text, self._quoted.fill(text=text)
        phrase = self._phrasers[at]([held[i] for i in self._groups[at].positions], None)
        return sentence(phrase), phrase
