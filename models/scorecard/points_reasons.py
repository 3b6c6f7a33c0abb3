"""Rules that matched as reasons: each in words, with its points, adding up to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.words import ENGLISH
from features.words.plain import sentence
from models.reasons.apart import distinct, told_apart
from models.reasons.groups import groups_of
from models.reasons.largest import NOBODY, Largest
from models.reasons.rest import in_order
from models.score import Reason

if TYPE_CHECKING:
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
        together: dict[tuple[object, str], list[int]] = {}
        for at in range(len(card.rules)):
            together.setdefault(self._key(at), []).append(at)
        self.subjects = tuple(map(tuple, together.values()))
        self._subject_of = {at: subject for subject, rules in enumerate(self.subjects) for at in rules}
        self._phrasers = [words.phraser(group.features) for group in self._groups]
        self._apart = [told_apart(group, words) for group in self._groups]
        self._quoted = words.catalogue.templates["names.quoted"]
        self._rest = words.text("reasons.rest_of_points")
        self._rest_cut = words.text("reasons.rest_of_points_cut")

    def largest(self, worths: NDArray[np.float64], shown: int | None) -> Largest:
        """Choose the reasons of n leads, of what each rule gives, `worths` float64 (n, rules).

        Rules of one family with the same text of their own, or about the same thing, are one subject and one
        reason: which are one does not depend on the words. Of subjects that gave as much, that comes first
        of which the first rule matched.
        """
        shape = len(worths), len(self.subjects) if shown is None else min(shown, len(self.subjects))
        found = Largest(np.full(shape, NOBODY, np.int32), np.zeros(shape))
        for row, parts in enumerate(worths.tolist()):
            matched = dict.fromkeys(self._subject_of[at] for at, worth in enumerate(parts) if worth != 0.0)
            given = [(in_order([parts[at] for at in self.subjects[subject]]), subject) for subject in matched]
            ranked = sorted((one for one in given if one[0] != 0.0), key=lambda one: -abs(one[0]))
            for place, (amount, subject) in enumerate(ranked[:shown]):
                found.group[row, place], found.log_odds[row, place] = subject, amount
        return found

    def told(
        self, held: list[float], parts: list[float], chosen: list[tuple[int, float]], rest_effect: float
    ) -> tuple[Reason, ...]:
        """Return the reasons of one lead, the largest first, and last what clipping takes and was not told.

        `held` is the vector, `parts` what each rule gives, `chosen` the subjects and points that `largest`
        chose. The effects add up to the score, exactly. No two reasons have the same text.
        """
        texts: set[str] = set()
        told = []
        for subject, effect in chosen:
            rules = [at for at in self.subjects[subject] if parts[at] != 0.0]
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
        text = self._rest_cut if is_cut else self._rest
        return (*told, Reason(text=text, effect=rest_effect, log_odds=None, family=None, features=()))

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
