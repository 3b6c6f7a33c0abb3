"""Finding the leads for which something falls due: an outcome or an event that lay ahead when it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.identity import IS_SHOWN, locked
from serving.history.stale import URGENT, mark_stale
from serving.history.standing import settle_standing
from serving.store.schema import EVENTS, LEADS, OUTCOMES, STALE_LEADS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.store.database import Store

_IS_LOST = LEADS.c.standing.in_(("lost", "disqualified"))


def mark_due(store: Store, since: int, now: int, touches: frozenset[str], limit: int) -> int:
    """Settle leads for which something fell due after `since` and by `now`, and mark them; return how many.

    A date alone stands for the end of its day, so an outcome or event often lies ahead when it comes: it
    counts neither for the score nor for the standing that are made then. How a lead stands now is written at
    once, and it is marked to be scored again: open leads that were not scored since, and lost ones that stand
    otherwise now; `touches` are types that are no acts of a lead.

    At most `limit` of either kind are taken: where that many are returned there may be more.
    """
    with store.reading() as connection:
        outcomes = _due_outcomes(connection, since, now, limit)
        events = _due_events(connection, since, now, touches, limit)
    due = {*outcomes, *events}

    def settled(connection: Connection) -> None:
        here = locked(connection, due, LEADS.c.number)
        settle_standing(connection, here, now, touches)
        mark_stale(connection, here, now, URGENT)

    if due:
        store.write(settled)
    return max(len(outcomes), len(events))


def _due_outcomes(connection: Connection, since: int, now: int, limit: int) -> list[int]:
    counts = (OUTCOMES.c.outcome == "won") | _no_outcome_between(OUTCOMES.c.occurred_at + 1, now)
    otherwise = _IS_LOST & (LEADS.c.standing != OUTCOMES.c.outcome) & counts
    found = _fell_due(OUTCOMES, since, now, limit).where(OUTCOMES.c.ended_at.is_(None))
    return list(connection.execute(found.where(_unseen(OUTCOMES) | otherwise)).scalars())


def _due_events(
    connection: Connection, since: int, now: int, touches: frozenset[str], limit: int
) -> list[int]:
    reopens = EVENTS.c.type.not_in(sorted(touches)) & _no_outcome_between(EVENTS.c.occurred_at, now)
    found = _fell_due(EVENTS, since, now, limit)
    return list(connection.execute(found.where(_unseen(EVENTS) | (_IS_LOST & reopens))).scalars())


def _fell_due(table: sa.Table, since: int, now: int, limit: int) -> sa.Select[int]:
    at = table.c.occurred_at
    # One that was asked for since then is scored as of then or later: see `schema.STALE_LEADS`.
    asked = sa.exists().where(STALE_LEADS.c.lead == table.c.lead, STALE_LEADS.c.asked_at >= at)
    found = sa.select(table.c.lead).join(LEADS, LEADS.c.number == table.c.lead)
    ahead = (at > table.c.known_at, at > since, at <= now)  # the first as the index has it
    return found.where(*ahead, IS_SHOWN, ~asked).order_by(at).limit(limit)


def _unseen(table: sa.Table) -> sa.ColumnElement[bool]:
    scored = LEADS.c.scored_at
    return (LEADS.c.standing == "open") & (scored.is_(None) | (scored < table.c.occurred_at))


def _no_outcome_between(first: sa.ColumnElement[int], last: int) -> sa.ColumnElement[bool]:
    """Return whether no standing outcome of the lead lies in a time, ends included."""
    other = OUTCOMES.alias()
    between = other.c.occurred_at.between(first, last) & other.c.ended_at.is_(None)
    return ~sa.exists().where(other.c.lead == LEADS.c.number, between).correlate(LEADS, OUTCOMES, EVENTS)
