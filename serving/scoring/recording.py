"""Scores of stored leads: the answer that /score would give, and a record of it in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from decisions.deciding import FRESH
from decisions.deciding.facts import facts_text
from features.errors import Fault
from models.score import Score, Unscorable
from serving.ledger.given_scores import GivenScore, clear_scores, due_records, keep_scores
from serving.scoring.answers import problem_of
from serving.scoring.champion import NOT_READY
from serving.scoring.known import known_leads
from serving.scoring.seen import note_seen
from serving.selling.giving.handing_over import hand_over
from serving.selling.standing.deciding import Decided, keep_decisions
from serving.selling.standing.how_leads_stand import held_of
from serving.store.schema import ALIASES
from serving.wire.encoding import rfc_3339
from serving.wire.problems import Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from decisions.deciding import Held
    from serving.scoring.answers import Answerer, Judged
    from serving.scoring.champion import Champion
    from serving.scoring.known import KnownLead
    from serving.store.database import Store

LEADS_AT_ONCE = 256
"""How many leads are scored, and their scores written, together: a writing transaction stays short."""


@dataclass(frozen=True, slots=True)
class NotOpen:
    """A lead that is not scored, because it was won, lost or disqualified at the moment."""

    stage: Literal["won", "lost", "disqualified"]


@dataclass(frozen=True, slots=True)
class JudgedLead:
    """A stored lead, what was made of it, and why it has no score (None: it has one)."""

    lead: KnownLead
    judged: Judged
    refused: NotOpen | Problem | None


@dataclass(frozen=True, slots=True)
class DecidedLead:
    """A stored lead by its own id, what was decided about it, and by which version of the policy."""

    lead_id: str
    judged: Judged
    policy_version: int | None


Scored: TypeAlias = "dict[str, Any] | NotOpen | Problem"
"""The answer for a lead, why there is none, or what is wrong."""


class Recorder:
    """Scores stored leads with the present champion, and remembers what it said.

    Scoring is done outside the writing transaction; what was overtaken meanwhile is not written. Several
    threads and processes may record at once. Raises StoreBusyError where others hold the store too long.
    """

    def __init__(self, store: Store, champion: Champion) -> None:
        self._store = store
        self._champion = champion
        self._noted: set[tuple[str, str | None]] = set()

    def score_now(
        self, lead_id: str, now: int, shown: int | None, *, explains: bool = False
    ) -> Scored | None:
        """Return the score of a lead now, with `shown` reasons (None: all), and record it where it is due.

        An explanation is added to the answer where it `explains`, but is no part of the record.
        It is due where score, grade, decision, model or policy have changed since the last record, or where
        that is a day old. None where the lead is not known. `now` in microseconds UTC.
        """
        answerer = self._champion.answerer()
        if answerer is None:
            return not_ready()
        found = self._judged_now(answerer, lead_id, now)
        if found is None:
            return None
        if found.refused is not None:
            return found.refused
        given = _given(answerer, found)
        with self._store.reading() as connection:
            is_due = bool(due_records(connection, [(given, found.lead.last)], now))
        if is_due:
            self._keep(answerer, [found], now, unchanged_too=False)
        return answerer.told(found.judged, shown, explains=explains)

    def decide_now(self, lead_id: str, now: int) -> DecidedLead | Problem | None:
        """Decide about a lead now, and keep the decision, be the lead open or not.

        None where the lead is not known.
        """
        answerer = self._champion.answerer()
        if answerer is None:
            return not_ready()
        found = self._judged_now(answerer, lead_id, now)
        if found is None:
            return None
        self._keep(answerer, [found], now, unchanged_too=True)
        return DecidedLead(found.lead.asked.lead_id, found.judged, answerer.policy_version)

    def explain(self, lead_id: str, now: int) -> Scored | None:
        """Return the score of a lead now with all reasons and its explanation; nothing is recorded."""
        answerer = self._champion.answerer()
        if answerer is None:
            return not_ready()
        found = self._judged_now(answerer, lead_id, now)
        if found is None:
            return None
        return found.refused or answerer.told(found.judged, None, explains=True)

    def _judged_now(self, answerer: Answerer, lead_id: str, now: int) -> JudgedLead | None:
        """Return a lead as all that is stored says of it now, and what is made of it; None: not known."""
        with self._store.snapshot() as connection:
            known = known_leads(answerer).read_now(connection, numbers_of(connection, lead_id), now)
            held = held_of(connection, [lead.number for lead in known], now, answerer.policy.handoff)
        return _judged(answerer, known, held, is_now=True)[0] if known else None

    def score_at(
        self, lead_id: str, as_of: int, shown: int | None, *, explains: bool = False
    ) -> Scored | None:
        """Return the score of a lead as it was known at a moment (microseconds UTC); nothing is recorded.

        The advice is that about a lead of which nothing else was known than its columns and events.
        """
        answerer = self._champion.answerer()
        if answerer is None:
            return not_ready()
        with self._store.snapshot() as connection:
            known = known_leads(answerer).read(connection, numbers_of(connection, lead_id), as_of, ahead_us=0)
        if not known:
            return None
        [found] = _judged(answerer, known, {}, is_now=False)
        return found.refused or answerer.told(found.judged, shown, explains=explains)

    def rescore(self, numbers: Sequence[int], now: int) -> int:
        """Score leads anew, record what is due, and return how many have a score now.

        A lead that is not open, or cannot be read, loses its score; what is decided about it is kept as well.
        One that is gone is passed over, and without a champion all are.
        """
        answerer = self._champion.answerer()
        if answerer is None:
            return 0
        leads = known_leads(answerer)
        scored = 0
        for start in range(0, len(numbers), LEADS_AT_ONCE):
            some = numbers[start : start + LEADS_AT_ONCE]
            with self._store.snapshot() as connection:
                known = leads.read_now(connection, some, now)
                held = held_of(connection, [lead.number for lead in known], now, answerer.policy.handoff)
            judged = _judged(answerer, known, held, is_now=True)
            if judged:
                self._keep(answerer, judged, now, unchanged_too=True)
            scored += sum(one.refused is None for one in judged)
        return scored

    def _keep(
        self, answerer: Answerer, judged: Sequence[JudgedLead], now: int, *, unchanged_too: bool
    ) -> None:
        """Keep scores and decisions in one transaction: neither is ever seen without the other."""
        used = (answerer.scored_by, answerer.scorer.artifact_sha256)
        given = [_given(answerer, one) for one in judged if one.refused is None]
        cleared = [
            (one.lead.number, one.lead.last, one.lead.standing, one.lead.asked.as_of)
            for one in judged
            if one.refused is not None
        ]
        decided = [_decided(answerer, one) for one in judged]

        def written(connection: Connection) -> bool:
            recorded = keep_scores(connection, given, now, unchanged_too=unchanged_too)
            is_noted = bool(recorded) and used not in self._noted
            if is_noted:
                note_seen(connection, answerer.scorer, answerer.policy, now)
            clear_scores(connection, cleared, now)
            with_record = [replace(one, record_id=recorded.get(one.number)) for one in decided]
            hand_over(connection, keep_decisions(connection, with_record, now), answerer.policy, now)
            return is_noted

        if self._store.write(written):
            self._noted.add(used)  # only now: what was not committed is to be noted the next time


def numbers_of(connection: Connection, lead_id: str) -> list[int]:
    """Return the number of the lead that an id leads to, or nothing."""
    query = sa.select(ALIASES.c.lead).where(ALIASES.c.lead_id == lead_id)
    return list(connection.execute(query).scalars())


def _judged(
    answerer: Answerer, known: Sequence[KnownLead], held: Mapping[int, Held], *, is_now: bool
) -> list[JudgedLead]:
    """Return each lead with its score, told with all reasons, or why it has none, and what is decided."""
    refused = {
        at: why for at, lead in enumerate(known) if (why := refusal_of(lead, is_now=is_now)) is not None
    }
    stands = [msgspec.structs.replace(held.get(lead.number, FRESH), standing=lead.standing) for lead in known]
    open_ones = [at for at in range(len(known)) if at not in refused]
    judged = zip(
        [*open_ones, *refused],
        [
            *answerer.judged(
                [known[at].asked for at in open_ones], shown=None, held=[stands[at] for at in open_ones]
            ),
            *answerer.unscored([known[at].asked for at in refused], [stands[at] for at in refused]),
        ],
        strict=True,
    )
    found = {}
    for at, one in judged:
        why = problem_of(one.score) if isinstance(one.score, Unscorable) else refused.get(at)
        found[at] = JudgedLead(known[at], _with_answers(answerer, known[at], one, stands[at]), why)
    return [found[at] for at in range(len(known))]


def _with_answers(answerer: Answerer, lead: KnownLead, judged: Judged, held: Held) -> Judged:
    """Return what is decided about a lead by all its answers, those too that its score does not see."""
    if not lead.answers:
        return judged
    asked = replace(lead.asked, cells={**lead.asked.cells, **lead.answers})
    return answerer.decided_on(asked, judged.score, held)


def refusal_of(lead: KnownLead, *, is_now: bool) -> NotOpen | Problem | None:
    """Return why a lead is not scored at its moment, or None where it is."""
    if lead.asked.as_of < lead.asked.created_at:
        if is_now:
            found = rfc_3339(lead.asked.created_at)
            remedy = "Send the moment at which the lead was created, or wait for it."
            return invalid([Fault("lead.created_at", "a time that is not in the future", found, remedy)])
        expected = f"a moment at or after the creation of the lead, {rfc_3339(lead.asked.created_at)}"
        found = rfc_3339(lead.asked.as_of)
        return invalid([Fault("as_of", expected, found, "Ask for a later moment.")])
    return None if lead.standing == "open" else NotOpen(lead.standing)


def _given(answerer: Answerer, found: JudgedLead) -> GivenScore:
    judged = found.judged
    if not isinstance(judged.score, Score):
        raise TypeError("a lead without a score is not given one")
    return GivenScore(
        number=found.lead.number,
        last=found.lead.last,
        score=judged.score,
        answer=answerer.told(judged, None),
        scored_by=answerer.scored_by,
        model_sha256=answerer.scorer.artifact_sha256,
        policy_sha256=answerer.policy.sha256,
        facts=facts_text(judged.facts),
    )


def _decided(answerer: Answerer, found: JudgedLead) -> Decided:
    return Decided(
        number=found.lead.number,
        facts=found.judged.facts,
        decision=found.judged.decision,
        policy_version=answerer.policy_version,
        policy_sha256=answerer.policy.sha256,
    )


def not_ready() -> Problem:
    """Return the problem that no champion can be loaded."""
    return Problem(status=503, detail=NOT_READY, headers={"retry-after": "30"})
