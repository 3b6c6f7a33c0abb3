"""A hypothesis in words: what the model would say then, and how often such leads did so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.next_acts import WINDOW_DAYS

if TYPE_CHECKING:
    from features.words import Phrasebook
    from models.next_acts import Share, SuchLeads
    from models.what_if.hypothesis import Hypothesis


def clause(hypothesis: Hypothesis, words: Phrasebook) -> str:
    """Return what would have come, as said after 'once': 'the lead has asked for a demo'."""
    if hypothesis.kind == "nothing":
        return f"nothing has come for {WINDOW_DAYS} days"
    if hypothesis.key is None:
        return "all of these have come"
    return words.has(hypothesis.key, by_us=hypothesis.kind == "touch")


def foretelling(clause: str, score: int, change: int) -> str:
    """Return what the model would say once something has come.

    >>> foretelling("the lead has asked for a demo", 88, 10)
    'Once the lead has asked for a demo, the model would say 88 (+10).'
    """
    moved = f"{change:+d}".replace("-", "\N{MINUS SIGN}") if change else "no change"
    return f"Once {clause}, the model would say {score} ({moved})."


def how_often(hypothesis: Hypothesis, share: Share | None, such: SuchLeads | None) -> str:
    """Return how many of such leads did so, in a sentence; empty where shares were not learned."""
    if such is None or hypothesis.kind == "together":
        return ""
    if share is None:
        return "How often that happens to such leads is not known."
    which = f"Of leads that {such.recency} and score {such.score_from} to {such.score_to}"
    return f"{which}, {percent(share.share)} {_did(hypothesis)} within {WINDOW_DAYS} days."


def percent(share: float) -> str:
    """Return a share in per cent, to the tenth where it is small.

    >>> percent(0.3011), percent(0.0412), percent(0.0002), percent(0.0)
    ('30 %', '4.1 %', 'under 0.1 %', 'none')
    """
    hundredths = 100.0 * share
    if hundredths == 0:
        return "none"
    if hundredths < 0.1:
        return "under 0.1 %"
    return f"{hundredths:.1f} %" if hundredths < 9.95 else f"{hundredths:.0f} %"


def _did(hypothesis: Hypothesis) -> str:
    if hypothesis.kind == "nothing":
        return "showed nothing new"
    return "were so touched" if hypothesis.kind == "touch" else "did so"
