"""Rules that matched as reasons: each in words, with its points, adding up to the score."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.reasons.rest import rest
from models.score import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.scorecard.points import BoundCard


class RuleReasoning:
    """How rules are said: one without a text says what is known of its subject."""

    def __init__(self, card: BoundCard) -> None:
        features = card.spec.features
        groups: dict[tuple[bool, str], list[int]] = {}
        for position, feature in enumerate(features):
            groups.setdefault((feature.is_of_column, feature.about), []).append(position)
        self._features = features
        self._rules = card.rules
        self._groups = [
            groups[features[rule.position].is_of_column, features[rule.position].about] for rule in card.rules
        ]

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
        kept = tuple(islice((reason for reason in ranked if reason.effect != 0.0), shown))
        return (*kept, rest(kept, None, float(score)))

    def _said(self, at: int, held: list[float]) -> str:
        text = self._rules[at].rule.text
        if text is not None:
            return text
        group = self._groups[at]
        return ENGLISH.say([self._features[i] for i in group], [held[i] for i in group])

    def _reason(self, text: str, rules: list[int], worths: NDArray[np.float64]) -> Reason:
        features = [self._features[self._rules[at].position] for at in rules]
        return Reason(
            text=text,
            effect=sum(float(worths[at]) for at in rules),
            log_odds=None,
            family=features[0].family,
            features=tuple(dict.fromkeys(feature.name for feature in features)),
        )
