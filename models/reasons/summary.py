"""A score in one line: what speaks most for it, and what against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.words.plain import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.words import Phrasebook
    from models.score import Reason, Score

VERY_WELL, WELL, POORLY = 90, 75, 25
"""From these fit scores on a lead fits very well, or well; below the last it fits poorly."""

SMALLEST_EFFECT = 0.5
"""A reason of fewer points of score is not what stands out."""


def summary(score: Score, words: Phrasebook) -> str:
    """Return one line: 'score of 99: the strongest for; but the strongest against'.

    >>> # 87 of 99: fits very well and visited the pricing page 3 times in the last 7 days; but has not
    >>> # answered our last 2 touches
    """
    fit = _fit(score.fit_score)
    helps = _strongest(score.reasons, 1, is_fit_told=fit in _GOOD)
    hinders = _strongest(score.reasons, -1, is_fit_told=fit == "fits_poorly")
    good = [words.text(f"explanation.{fit}")] if fit in _GOOD else []
    poor = [words.text(f"explanation.{fit}")] if fit == "fits_poorly" else []
    said = _joined([*good, *helps], [*poor, *hinders], words)
    form = "summary_of_points" if score.rung == "points" else "summary"
    return sentence(words.text(f"explanation.{form}", score=str(score.score), said=said))


_GOOD = ("fits_very_well", "fits_well")


def _fit(fit_score: int) -> str:
    if fit_score >= VERY_WELL:
        return "fits_very_well"
    if fit_score >= WELL:
        return "fits_well"
    return "fits_poorly" if fit_score < POORLY else ""


def _strongest(reasons: Sequence[Reason], sign: int, *, is_fit_told: bool) -> list[str]:
    """Return the strongest reason of a sign; none of fit where the fit was told as a whole."""
    for reason in reasons[:-1]:
        if sign * reason.effect >= SMALLEST_EFFECT and not (is_fit_told and reason.family == "fit"):
            return [reason.phrase or reason.text]
    return []


def _joined(helps: Sequence[str], hinders: Sequence[str], words: Phrasebook) -> str:
    told, against = _and(helps, words), _and(hinders, words)
    if told and against:
        return words.text("explanation.both", helps=told, hinders=against)
    if against:
        return words.text("explanation.only_hinders", hinders=against)
    return told or words.text("explanation.nothing")


def _and(texts: Sequence[str], words: Phrasebook) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return words.text("explanation.and", first=texts[0], second=texts[1])
