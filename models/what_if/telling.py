"""A hypothesis in words: what the model would say then, and how often such leads did so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.next_acts import WINDOW_DAYS

if TYPE_CHECKING:
    from features.words import Phrasebook
    from models.next_acts import Share, SuchLeads
    from models.what_if.hypothesis import Hypothesis


def clause(hypothesis: Hypothesis, words: Phrasebook) -> str:
    """Return what would have come, as said after 'once': 'the lead has asked for a demo'."""
    if hypothesis.kind == "nothing":
        return words.counted("what_if.nothing.many", WINDOW_DAYS)
    if hypothesis.key is None:
        return words.text("what_if.all")
    return words.has(hypothesis.key, by_us=hypothesis.kind == "touch")


def foretelling(clause: str, score: int, change: int, words: Phrasebook = ENGLISH) -> str:
    """Return what the model would say once something has come.

    >>> foretelling("the lead has asked for a demo", 88, 10)
    'Once the lead has asked for a demo, the model would say 88 (+10).'
    """
    moved = f"{change:+d}".replace("-", "\N{MINUS SIGN}") if change else words.text("what_if.no_change")
    return words.text("what_if.foretold", when=clause, score=str(score), change=moved)


def how_often(hypothesis: Hypothesis, share: Share | None, such: SuchLeads | None, words: Phrasebook) -> str:
    """Return how many of such leads did so, in a sentence; empty where shares were not learned."""
    if such is None or hypothesis.kind == "together":
        return ""
    if share is None:
        return words.text("what_if.not_known")
    did = {"nothing": "showed_nothing", "touch": "were_touched"}.get(hypothesis.kind, "did_so")
    days = words.counted("counts.days", WINDOW_DAYS)
    how_many = share_of(share.share, words)
    return words.text(f"what_if.{did}", leads=such_leads(such, words), share=how_many, days=days)


def active(such: SuchLeads, words: Phrasebook) -> str:
    """Return when such leads were last active, as said after 'leads that'."""
    return words.text(f"what_if.active.{such.recency}")


def such_leads(such: SuchLeads, words: Phrasebook) -> str:
    """Return which leads are meant, as said after 'leads that': 'were never active and score 0 to 24'."""
    low, high = str(such.score_from), str(such.score_to)
    return words.text("what_if.such_leads", active=active(such, words), low=low, high=high)


def note(words: Phrasebook) -> str:
    """Return what must be said beside predictions: that they are no effects."""
    return words.text("what_if.note")


def share_of(share: float, words: Phrasebook) -> str:
    r"""Return a share in per cent, to the tenth where it is small.

    >>> [share_of(share, ENGLISH).replace("\xa0", " ") for share in (0.3011, 0.0412, 0.0002, 0.0)]
    ['30 %', '4.1 %', 'under 0.1 %', 'none']
    """
    return words.numerals.percent(share) if share else words.text("what_if.none")
