"""A score in one line: what speaks most for it, and what against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.words.plain import sentence
from models.reasons.rest import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.words import Phrasebook
    from models.score import Reason, Score

VERY_WELL, WELL, POORLY = 90, 75, 25
"""From these fit scores on a lead fits very well, or well; below the last it fits poorly."""

SMALLEST_EFFECT = 0.5
"""A reason of fewer points of score is not what stands out."""


SLIGHT = 0.1
"""Less than this share of the other side's points is not worth telling."""


def summary(score: Score, words: Phrasebook, *, has_fit: bool = True) -> str:
    """Return one line: 'score of 99. For: the strongest. Against: the strongest', or the other way round.

    The side that moved the score more comes first, and alone where the other is slight beside it. Nothing is
    said of the fit where there is none (`has_fit`).

    >>> # 87 of 99. For: fits very well and visited the pricing page 3 times in the last 7 days. Against: has
    >>> # not answered our last 2 touches
    """
    fit = _fit(score.fit_score) if has_fit else ""
    told = words.text(f"explanation.{fit}") if fit else ""
    helps = _side(score.reasons, 1, told if fit in _GOOD else "")
    hinders = _side(score.reasons, -1, told if fit == "fits_poorly" else "")
    said = _joined(helps, hinders, words)
    form = "summary_of_points" if score.rung == "points" else "summary"
    return sentence(words.text(f"explanation.{form}", score=str(score.score), said=said))


_GOOD = ("fits_very_well", "fits_well")


def _fit(fit_score: int) -> str:
    if fit_score >= VERY_WELL:
        return "fits_very_well"
    if fit_score >= WELL:
        return "fits_well"
    return "fits_poorly" if fit_score < POORLY else ""


@dataclass(frozen=True, slots=True)
class _Side:
    """What is told for or against, and the most points of score that a part of it makes."""

    texts: tuple[str, ...]
    points: float
    has_fit: bool

    def is_slight_beside(self, other: _Side) -> bool:
        """Return whether it moved the score too little to be told; how well a lead fits always is."""
        return not self.has_fit and self.points < SLIGHT * other.points


def _side(reasons: Sequence[Reason], sign: int, fit: str) -> _Side:
    """Return the strongest reason of a sign; none of fit where that was told as a whole, in `fit`."""
    texts, points = [fit] if fit else [], 0.0
    if fit:
        points = max(0.0, sign * in_order([one.effect for one in reasons[:-1] if one.family == "fit"]))
    for reason in reasons[:-1]:
        if sign * reason.effect >= SMALLEST_EFFECT and not (fit and reason.family == "fit"):
            return _Side((*texts, reason.phrase or reason.text), max(points, sign * reason.effect), bool(fit))
    return _Side(tuple(texts), points, bool(fit))


def _joined(helps: _Side, hinders: _Side, words: Phrasebook) -> str:
    told, against = _and(helps.texts, words), _and(hinders.texts, words)
    if not told and not against:
        return words.text("explanation.nothing")
    if not against or (told and hinders.is_slight_beside(helps)):
        return words.text("explanation.only_helps", helps=told)
    if not told or helps.is_slight_beside(hinders):
        return words.text("explanation.only_hinders", hinders=against)
    form = "both" if helps.points >= hinders.points else "both_hinders_first"
    return words.text(f"explanation.{form}", helps=told, hinders=against)


def _and(texts: Sequence[str], words: Phrasebook) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return words.text("explanation.and", first=texts[0], second=texts[1])
