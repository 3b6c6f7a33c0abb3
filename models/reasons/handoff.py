"""A score as a paragraph for who takes the lead over. What to do is said elsewhere, by the policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.words.plain import plain, sentence
from models.reasons.summary import SMALLEST_EFFECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from features.words import Phrasebook
    from models.score import Reason, Score

MOST_TOLD = 3
"""So many reasons for, and so many against, are told."""

MOST_NAMED = 6
"""So many things that are not known are named; of more it is said how many."""

LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to tell: whether leads have moments and a fit, and the names of what is `missing`."""

    is_dated: bool
    has_fit: bool
    missing: Sequence[str]


def handoff(score: Score, known: Known, words: Phrasebook) -> str:
    """Return a paragraph: the score, what such leads do, what speaks for and against, what is not known."""
    return " ".join(f"{sentence(text)}." for text in _sentences(score, known, words))


def _sentences(score: Score, known: Known, words: Phrasebook) -> Iterator[str]:
    yield _ranked(score, words, is_dated=known.is_dated)
    if score.rung != "points":
        yield from _chances(score, words)
    if score.rung == "blend":
        yield words.text("explanation.of_blend")
    yield from _families(score, words, has_fit=known.has_fit)
    if score.confidence == "low" and score.rung != "points":
        yield words.text("explanation.little_known")
    yield _listed(score.reasons, 1, words)
    yield _listed(score.reasons, -1, words)
    if known.missing:
        yield words.text("explanation.not_known", list=_names(known.missing, words))


def _ranked(score: Score, words: Phrasebook, *, is_dated: bool) -> str:
    told = {"lead_id": plain(score.lead_id, LONGEST_ID), "score": str(score.score)}
    if is_dated:
        told["day"] = words.numerals.day(score.as_of)
    form = "in_points" if score.rung == "points" else "ranks"
    if form == "ranks":
        share = words.numerals.percent(score.score / 100)
        lowest = words.text("explanation.rank_lowest")
        told["rank"] = words.text("explanation.rank_above", share=share) if score.score else lowest
    return words.text(f"explanation.{form}{'' if is_dated else '_undated'}", **told)


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
    is_one = told["low"] == told["high"]
    if is_one:
        told = {name: told[name] for name in ("probability", "base_rate")}
    form = "explanation.convert_alike" if is_one else "explanation.convert"
    if score.horizon_days is None:
        yield words.text(form, **told)
    else:
        yield words.text(f"{form}_within", days=_days(score.horizon_days, words), **told)


def _days(days: float, words: Phrasebook) -> str:
    if days == int(days):
        return words.counted("counts.days", int(days))
    form = words.catalogue.forms["counts.days"]["other"]
    return form.fill(count=words.numerals.number(days))


def _families(score: Score, words: Phrasebook, *, has_fit: bool) -> Iterator[str]:
    told = {"fit": str(score.fit_score)} if has_fit else {}
    if score.engagement_score is not None:
        told["engagement"] = str(score.engagement_score)
    if told:
        form = "fit_and_engagement" if len(told) > 1 else f"{next(iter(told))}_alone"
        yield words.text(f"explanation.{form}", **told)


def _listed(reasons: Sequence[Reason], sign: int, words: Phrasebook) -> str:
    """Return the largest of a sign. The last reason is among them where it is larger than all others."""
    form = "helps" if sign > 0 else "hinders"
    told = [one for one in reasons[:-1] if sign * one.effect >= SMALLEST_EFFECT][:MOST_TOLD]
    items = [_item(reason.phrase or reason.text, reason.effect, words) for reason in told]
    rest = reasons[-1]
    if sign * rest.effect >= max([SMALLEST_EFFECT, *(sign * reason.effect for reason in told)]):
        quoted = words.text("names.quoted", text=rest.text)
        items = [_item(quoted, rest.effect, words), *items[: MOST_TOLD - 1]]
    if not items:
        return words.text(f"explanation.{form}_nothing")
    following = "".join(words.text("explanation.separator", next=item) for item in items[1:])
    return words.text(f"explanation.{form}", list=items[0] + following)


def _item(said: str, effect: float, words: Phrasebook) -> str:
    return words.text("explanation.item", said=said, effect=words.numerals.signed(effect))


def _names(names: Sequence[str], words: Phrasebook) -> str:
    told = words.catalogue.marks["values.separator"].join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return words.counted("counts.more", more, list=told) if more > 0 else told
