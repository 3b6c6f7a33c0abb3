"""Scores of stored leads: the answer that /score would give, and a record of it in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from features.errors import Fault
from models.score import Score, Unscorable
from serving.ledger.given_scores import GivenScore, clear_scores, due_records, keep_scores
from serving.scoring.answers import problem_of
from serving.scoring.champion import NOT_READY
from serving.scoring.known import KnownLeads
from serving.scoring.seen import note_seen
from serving.store.schema import ALIASES
from serving.wire.encoding import rfc_3339
from serving.wire.problems import Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from serving.scoring.answers import Answerer
    from serving.scoring.champion import Champion
    from serving.scoring.known import KnownLead
    from serving.store.database import Store

LEADS_AT_ONCE = 256
"""How many leads are scored, and their scores written, together: a writing transaction stays short."""


@dataclass(frozen=True, slots=True)
class NotOpen:
    """A lead that is not scored, because it was won, lost or disqualified at the moment."""

    stage: Literal["won", "lost", "disqualified"]


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
        lead, judged = found
        if not isinstance(judged, Score):
            return judged
        given = _given(answerer, lead, judged)
        with self._store.reading() as connection:
            is_due = bool(due_records(connection, [(given, lead.last)], now))
        if is_due:
            self._keep(answerer, [given], [], now, unchanged_too=False)
        return answerer.told(judged, shown, explains=explains)

    def explain(self, lead_id: str, now: int) -> Scored | None:
        """Return the score of a lead now with all reasons and its explanation; nothing is recorded."""
        answerer = self._champion.answerer()
        if answerer is None:
            return not_ready()
        found = self._judged_now(answerer, lead_id, now)
        if found is None:
            return None
        _, judged = found
        return answerer.told(judged, None, explains=True) if isinstance(judged, Score) else judged

    def _judged_now(
        self, answerer: Answerer, lead_id: str, now: int
    ) -> tuple[KnownLead, Score | NotOpen | Problem] | None:
        """Return a lead as all that is stored says of it now, and what is made of it; None: not known."""
        with self._store.snapshot() as connection:
            known = KnownLeads(answerer.scorer.mapping).read_now(
                connection, numbers_of(connection, lead_id), now
            )
        return _judged(answerer, known, is_now=True)[0] if known else None

    def score_at(
        self, lead_id: str, as_of: int, shown: int | None, *, explains: bool = False
    ) -> Scored | None:
        """Return the score of a lead as it was known at a moment (microseconds UTC); nothing is recorded."""
        answerer = self._champion.answerer()
        if answerer is None:
            return not_ready()
        with self._store.snapshot() as connection:
            known = KnownLeads(answerer.scorer.mapping).read(
                connection, numbers_of(connection, lead_id), as_of, ahead_us=0
            )
        if not known:
            return None
        [(_, judged)] = _judged(answerer, known, is_now=False)
        return answerer.told(judged, shown, explains=explains) if isinstance(judged, Score) else judged

    def rescore(self, numbers: Sequence[int], now: int) -> int:
        """Score leads anew, record what is due, and return how many have a score now.

        A lead that is not open, or cannot be read, loses its score. One that is gone is passed over, and
        without a champion all are.
        """
        answerer = self._champion.answerer()
        if answerer is None:
            return 0
        leads = KnownLeads(answerer.scorer.mapping)
        scored = 0
        for start in range(0, len(numbers), LEADS_AT_ONCE):
            with self._store.snapshot() as connection:
                known = leads.read_now(connection, numbers[start : start + LEADS_AT_ONCE], now)
            judged = _judged(answerer, known, is_now=True)
            given = [_given(answerer, lead, score) for lead, score in judged if isinstance(score, Score)]
            without = [lead for lead, score in judged if not isinstance(score, Score)]
            if known:
                self._keep(answerer, given, without, now, unchanged_too=True)
            scored += len(given)
        return scored

    def _keep(
        self,
        answerer: Answerer,
        given: Sequence[GivenScore],
        without: Sequence[KnownLead],
        now: int,
        *,
        unchanged_too: bool,
    ) -> None:
        used = (answerer.scored_by, answerer.scorer.artifact_sha256)

        def written(connection: Connection) -> bool:
            recorded = keep_scores(connection, given, now, unchanged_too=unchanged_too)
            is_noted = recorded > 0 and used not in self._noted
            if is_noted:
                note_seen(connection, answerer.scorer, answerer.policy, now)
            cleared = [(lead.number, lead.last, lead.standing, lead.asked.as_of) for lead in without]
            clear_scores(connection, cleared, now)
            return is_noted

        if self._store.write(written):
            self._noted.add(used)  # only now: what was not committed is to be noted the next time


def numbers_of(connection: Connection, lead_id: str) -> list[int]:
    """Return the number of the lead that an id leads to, or nothing."""
    query = sa.select(ALIASES.c.lead).where(ALIASES.c.lead_id == lead_id)
    return list(connection.execute(query).scalars())


def _judged(
    answerer: Answerer, known: Sequence[KnownLead], *, is_now: bool
) -> list[tuple[KnownLead, Score | NotOpen | Problem]]:
    """Return each lead with its score, told with all reasons, or with why it has none."""
    refused = {
        at: why for at, lead in enumerate(known) if (why := refusal_of(lead, is_now=is_now)) is not None
    }
    asked = [lead.asked for at, lead in enumerate(known) if at not in refused]
    scored = iter(answerer.scores(asked, shown=None))
    judged: list[tuple[KnownLead, Score | NotOpen | Problem]] = []
    for at, lead in enumerate(known):
        found = refused[at] if at in refused else next(scored)
        judged.append((lead, problem_of(found) if isinstance(found, Unscorable) else found))
    return judged


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


def _given(answerer: Answerer, lead: KnownLead, score: Score) -> GivenScore:
    return GivenScore(
        number=lead.number,
        last=lead.last,
        score=score,
        answer=answerer.document(score),
        scored_by=answerer.scored_by,
        model_sha256=answerer.scorer.artifact_sha256,
        policy_sha256=answerer.policy.sha256,
    )


def not_ready() -> Problem:
    """Return the problem that no champion can be loaded."""
    return Problem(status=503, detail=NOT_READY, headers={"retry-after": "30"})
