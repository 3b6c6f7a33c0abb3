"""A score as a paragraph for who takes the lead over. What to do is said elsewhere, by the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.words.plain import plain, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from features.words import Phrasebook
    from models.score import Reason, Score

MOST_TOLD = 3
"""So many reasons for, and so many against, are told."""

MOST_NAMED = 6
"""So many things that are not known are named; of more it is said how many."""

LONGEST_ID = 80


def handoff(score: Score, not_known: Sequence[str], words: Phrasebook) -> str:
    """Return a paragraph: the score, what such leads do, what speaks for and against, what is not known."""
    return " ".join(f"{sentence(text)}." for text in _sentences(score, not_known, words))


def _sentences(score: Score, not_known: Sequence[str], words: Phrasebook) -> Iterator[str]:
    lead_id, day = plain(score.lead_id, LONGEST_ID), words.numerals.day(score.as_of)
    told = {"lead_id": lead_id, "score": str(score.score), "day": day}
    if score.rung == "points":
        yield words.text("explanation.in_points", **told)
    else:
        share = words.numerals.percent(score.score / 100)
        yield words.text("explanation.ranks", share=share, **told)
        yield from _chances(score, words)
    if score.rung == "blend":
        yield words.text("explanation.of_blend")
    yield _families(score, words)
    if score.confidence == "low" and score.rung != "points":
        yield words.text("explanation.little_known")
    yield _listed(score.reasons, 1, words)
    yield _listed(score.reasons, -1, words)
    if not_known:
        yield words.text("explanation.not_known", list=_names(not_known, words))


def _chances(score: Score, words: Phrasebook) -> Iterator[str]:
    percent = words.numerals.percent
    shares = (score.probability_low, score.probability_high, score.probability, score.base_rate)
    told = {
        name: percent(share)
        for name, share in zip(("low", "high", "probability", "base_rate"), shares, strict=True)
        if share is not None
    }
    if len(told) < len(shares):
        return
    if score.horizon_days is None:
        yield words.text("explanation.convert", **told)
    else:
        yield words.text("explanation.convert_within", days=_days(score.horizon_days, words), **told)


def _days(days: float, words: Phrasebook) -> str:
    if days == int(days):
        return words.counted("counts.days", int(days))
    form = words.catalogue.forms["counts.days"]["other"]
    return form.fill(count=words.numerals.number(days))


def _families(score: Score, words: Phrasebook) -> str:
    fit = str(score.fit_score)
    if score.engagement_score is None:
        return words.text("explanation.fit_alone", fit=fit)
    engagement = str(score.engagement_score)
    return words.text("explanation.fit_and_engagement", fit=fit, engagement=engagement)


def _listed(reasons: Sequence[Reason], sign: int, words: Phrasebook) -> str:
    form = "helps" if sign > 0 else "hinders"
    told = [reason for reason in reasons[:-1] if sign * reason.effect > 0][:MOST_TOLD]
    if not told:
        return words.text(f"explanation.{form}_nothing")
    items = [
        words.text(
            "explanation.item",
            said=reason.phrase or reason.text,
            effect=words.numerals.signed(reason.effect),
        )
        for reason in told
    ]
    rest = "".join(words.text("explanation.separator", next=item) for item in items[1:])
    return words.text(f"explanation.{form}", list=items[0] + rest)


def _names(names: Sequence[str], words: Phrasebook) -> str:
    told = words.catalogue.marks["values.separator"].join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return words.counted("counts.more", more, list=told) if more > 0 else told
