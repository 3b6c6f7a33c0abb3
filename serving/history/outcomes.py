"""Keeping outcomes: how leads ended, corrected and reversed as often as anybody likes."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from features.vocabulary import TOUCH_TYPES
from serving.history.identity import held
from serving.history.stale import mark_stale
from serving.history.standing import settle_standing
from serving.store.dialects import in_batches, take_turns
from serving.store.schema import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

_READ = ("lead", "outcome_id", "outcome", "occurred_at", "value", "number", "known_at")
_Said = tuple[int, str, int, float | None]
Outcome = Literal["won", "lost", "disqualified", "reversed"]
OutcomeState = Literal["kept", "corrected", "reversed", "repeated", "nothing"]


@dataclass(frozen=True, slots=True)
class OutcomeSent:
    """An outcome as somebody sent it; `occurred_at` in microseconds UTC."""

    lead_id: str
    outcome: Outcome
    occurred_at: int
    outcome_id: str | None = None
    value: float | None = None


@dataclass(slots=True, eq=False)
class _Standing:
    """An outcome that stands, or stood until this batch. `number` is None where it is not written yet.

    `known_at` is None where it becomes known with this batch.
    """

    lead: int
    outcome_id: str | None
    outcome: str
    occurred_at: int
    value: float | None
    number: int | None = None
    known_at: int | None = None
    ended: bool = False

    @property
    def said(self) -> _Said:
        """What is said, by whichever id."""
        return self.lead, self.outcome, self.occurred_at, self.value

    def ends_the_lead_as(self, other: _Standing) -> bool:
        """Whether both say the same of how the lead stands: all but the value."""
        mine, others = ((row.lead, row.outcome, row.occurred_at) for row in (self, other))
        return mine == others


def keep_outcomes(
    connection: Connection,
    outcomes: Sequence[OutcomeSent],
    now: int,
    touches: frozenset[str] = TOUCH_TYPES,
) -> list[OutcomeState]:
    """Keep outcomes in the order given, and say of each what became of it.

    The same `outcome_id` again corrects, for whichever lead; a correction of the value alone leaves it known
    since when it was, for the lead has stood so since then. A reversal ends the outcome with its id, or
    without one all that stand of its lead. `repeated`: just this stands already. `nothing`: there was nothing
    to reverse. Leads that it concerns are marked stale and their standing is settled; unknown ones announced.
    """
    ids = {sent.outcome_id for sent in outcomes if sent.outcome_id is not None}
    take_turns(connection, "outcome", ids)
    before = _leads_of(connection, ids)
    owners = held(connection, (sent.lead_id for sent in outcomes), now, also=before)
    book = _Book(_standing(connection, {*owners.values(), *before}))
    states = [book.take(sent, owners[sent.lead_id]) for sent in outcomes]
    book.write(connection, now)
    if book.concerned:
        settle_standing(connection, book.concerned, now, touches)
        mark_stale(connection, book.concerned, now)
    return states


def _leads_of(connection: Connection, outcome_ids: Iterable[str]) -> set[int]:
    """Return the leads whose outcomes these are so far: a correction may name another."""
    found: set[int] = set()
    for batch in in_batches(outcome_ids):
        stand = OUTCOMES.c.outcome_id.in_(batch) & OUTCOMES.c.ended_at.is_(None)
        found.update(connection.execute(sa.select(OUTCOMES.c.lead).where(stand)).scalars())
    return found


def _standing(connection: Connection, leads: Iterable[int]) -> list[_Standing]:
    found: list[_Standing] = []
    for batch in in_batches(leads):
        columns = (OUTCOMES.c[name] for name in _READ)
        stand = OUTCOMES.c.lead.in_(batch) & OUTCOMES.c.ended_at.is_(None)
        query = sa.select(*columns).where(stand).order_by(OUTCOMES.c.number)
        found += [_Standing(**row._asdict()) for row in connection.execute(query)]
    return found


class _Book:
    """The outcomes that stand while a batch is taken in."""

    def __init__(self, standing: Sequence[_Standing]) -> None:
        self._rows: list[_Standing] = []
        self._by_id: dict[str, _Standing] = {}
        self._by_lead: dict[int, dict[_Standing, None]] = defaultdict(dict)
        self._said: Counter[_Said] = Counter()
        for row in standing:
            self._stand(row)
        self.concerned: set[int] = set()

    def take(self, sent: OutcomeSent, lead: int) -> OutcomeState:
        """Do with the book what somebody sent."""
        before = self._by_id.get(sent.outcome_id) if sent.outcome_id is not None else None
        if sent.outcome == "reversed":
            ending = [*self._by_lead[lead]] if sent.outcome_id is None else [before] if before else []
            for row in ending:
                self._end(row)
            return "reversed" if ending else "nothing"
        new = _Standing(lead, sent.outcome_id, sent.outcome, sent.occurred_at, sent.value)
        if self._said[new.said] if sent.outcome_id is None else before and before.said == new.said:
            return "repeated"
        if before:
            self._end(before)
            if new.ends_the_lead_as(before):
                new.known_at = before.known_at
        self._stand(new)
        self.concerned.add(lead)
        return "corrected" if before else "kept"

    def write(self, connection: Connection, now: int) -> None:
        """Write what came and what ended."""
        new = [
            {
                "lead": row.lead,
                "outcome_id": row.outcome_id,
                "occurred_at": row.occurred_at,
                "known_at": now if row.known_at is None else row.known_at,
                "outcome": row.outcome,
                "value": row.value,
                "ended_at": now if row.ended else None,
            }
            for row in self._rows
            if row.number is None
        ]
        if new:
            connection.execute(OUTCOMES.insert(), new)
        ended = (row.number for row in self._rows if row.ended and row.number is not None)
        for batch in in_batches(ended):
            connection.execute(sa.update(OUTCOMES).where(OUTCOMES.c.number.in_(batch)).values(ended_at=now))

    def _stand(self, row: _Standing) -> None:
        self._rows.append(row)
        self._by_lead[row.lead][row] = None
        self._said[row.said] += 1
        if row.outcome_id is not None:
            self._by_id[row.outcome_id] = row

    def _end(self, row: _Standing) -> None:
        row.ended = True
        del self._by_lead[row.lead][row]
        self._said[row.said] -= 1
        if row.outcome_id is not None:
            del self._by_id[row.outcome_id]
        self.concerned.add(row.lead)
