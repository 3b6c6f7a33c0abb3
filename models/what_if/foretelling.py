"""From a lead and hypotheses to scores that would follow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from models.next_acts import LAST_ACT
from models.score import Unscorable
from models.what_if.foretold import Foretold, Outlook
from models.what_if.hypothesis import plausible, touch_types
from models.what_if.telling import active, clause, foretelling, how_often, note
from models.what_if.variants import variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.batch import LeadBatch
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.next_acts import NextActs, Share
    from models.score import Score
    from models.what_if.hypothesis import Hypothesis

NO_REASONS = 0

EVENTS_AT_ONCE = 2_000_000
"""So many events the variants of a batch may hold together; each holds all of the lead's."""


class Scorer(Protocol):
    """What is needed of a scorer, whatever its rung."""

    mapping: Mapping
    spec: FeatureSpec
    words: Phrasebook
    next_acts: NextActs | None

    def score(self, batch: LeadBatch, *, shown: int | None) -> list[Score | Unscorable]:
        """Return a score for each row of the batch, in order."""
        ...


def foretell(scorer: Scorer, lead: LeadBatch, sent: Sequence[Hypothesis] = ()) -> Outlook | Unscorable:
    """Return what may come next of one lead, and what would follow from a caller's own hypotheses, `sent`.

    `next` begins with that nothing comes. The rest stands by how often such leads show it times how far it
    moves the score; what has no share stands last, by how far it moves the score.
    The variants are scored as one batch (several, of a lead with very many events), and a row of a batch is
    scored as it is alone: so the variants do not touch one another, and the first, to which nothing is added,
    is the lead's own score to the bit.
    """
    [as_of] = lead.as_of.tolist()
    touches = touch_types(scorer.mapping)
    hypotheses = [*plausible(scorer.spec, touches, as_of), *sent]
    now, *after = _scores(scorer, lead, hypotheses, touches)
    if isinstance(now, Unscorable):
        return now
    teller = _Teller(scorer, now)
    told = [
        teller.foretold(hypothesis, score)
        for hypothesis, score in zip(hypotheses, after, strict=True)
        if not isinstance(score, Unscorable)
    ]
    nothing, *some = [one for one in told if not one.hypothesis.sent]
    return Outlook(
        now=now,
        such_leads=teller.such_leads,
        activity="" if teller.such_leads is None else active(teller.such_leads, scorer.words),
        note=note(scorer.words),
        next=(nothing, *sorted(some, key=_place)),
        sent=tuple(one for one in told if one.hypothesis.sent),
    )


class _Teller:
    """Tells what would follow, beside the score now and the leads that are like this one."""

    def __init__(self, scorer: Scorer, now: Score) -> None:
        self._words = scorer.words
        self._now = now
        self._acts = scorer.next_acts
        self._days = math.nan if self._acts is None else _days_since_last_act(scorer, now)
        self.such_leads = None if self._acts is None else self._acts.such_leads(now.score, self._days)

    def foretold(self, hypothesis: Hypothesis, score: Score) -> Foretold:
        share = self._share(hypothesis)
        change = score.score - self._now.score
        when = clause(hypothesis, self._words)
        often = how_often(hypothesis, share, self.such_leads, self._words)
        said = [foretelling(when, score.score, change, self._words), often]
        return Foretold(
            hypothesis=hypothesis,
            score=score,
            change=change,
            log_odds=None
            if score.margin is None or self._now.margin is None
            else score.margin - self._now.margin,
            share=share,
            clause=when,
            sentence=" ".join(filter(None, said)),
        )

    def _share(self, hypothesis: Hypothesis) -> Share | None:
        if self._acts is None or hypothesis.kind == "together":
            return None
        return self._acts.share(hypothesis.key, self._now.score, self._days)


def _scores(
    scorer: Scorer, lead: LeadBatch, hypotheses: Sequence[Hypothesis], touches: frozenset[str]
) -> list[Score | Unscorable]:
    """Return the score of the lead as it is, and then under each hypothesis."""
    alone = lead.alone()
    at_once = max(1, EVENTS_AT_ONCE // max(1, len(alone.events.key)))
    scores: list[Score | Unscorable] = []
    for start in range(0, len(hypotheses), at_once):
        batch = variants(alone, hypotheses[start : start + at_once], touches)
        now, *after = scorer.score(batch, shown=NO_REASONS)
        scores += after if scores else [now, *after]
    return scores


def _days_since_last_act(scorer: Scorer, score: Score) -> float:
    if score.vector is None:
        return math.nan
    return float(score.vector[scorer.spec.names.index(LAST_ACT)])


def _place(one: Foretold) -> tuple[bool, float, float, str]:
    share = 0.0 if one.share is None else one.share.share
    moved = float(abs(one.change))
    return (
        one.share is None,
        -share * moved,
        -moved if one.share is None else -share,
        one.hypothesis.key or "",
    )
