"""Leads that are to be decided on again though nothing came in, and those on which nothing is decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.history.identity import IS_SHOWN, locked
from serving.history.stale import RESCORE, URGENT, mark_stale
from serving.selling.standing.best_of_day import best_of_day
from serving.selling.standing.how_leads_stand import DISQUALIFY
from serving.selling.standing.stage_log import BY_POLICY, Passage, pass_stages, stages_now
from serving.store.dialects import in_batches
from serving.store.schema import LEADS, STALE_LEADS
from serving.store.schema_selling import FEEDBACK, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

    from decisions.policy.handoff import Handoff
    from serving.store.database import Store

MANY_WAIT = 200
"""While so many leads wait for scores, nobody knows yet who is best."""


def mark_due_decisions(store: Store, now: int, handoff: Handoff, limit: int) -> int:
    """Mark leads for which something fell due by `now` (microseconds UTC); return how many.

    That is: the date to look again; the end of an override or of a ruling-out; of a lead that sales gave back
    for a while, the end of that: it is where the policy puts it then. And the best of the day, where the
    policy hands over so many: as soon as places are free, and not many leads wait for their scores. At most
    `limit` of each kind are taken.
    """
    with store.reading() as connection:
        again = set(connection.execute(_to_look_at(now, limit)).scalars())
        ended = {row.id: row.lead for row in connection.execute(_ended(now, limit))}
        best = _best_that_wait(connection, handoff, now)
    due = again | set(ended.values()) | best
    if due:
        store.write(lambda connection: _mark(connection, due, ended, now))
    return len(due)


@dataclass(frozen=True, slots=True)
class Walked:
    """How many leads were marked, and the number of the last that was looked at; None at the end of all."""

    marked: int
    to: int | None


def mark_undecided(store: Store, after: int, limit: int, now: int) -> Walked:
    """Mark the leads on which nothing is decided, among the next `limit` that are shown.

    So all leads get a decision that were there before there were decisions, or that anything kept from one.
    """
    shown = sa.select(LEADS.c.number).where(IS_SHOWN, LEADS.c.number > after).order_by(LEADS.c.number)
    decided = sa.exists().where(LEAD_STATES.c.lead == LEADS.c.number)
    marked = sa.exists().where(STALE_LEADS.c.lead == LEADS.c.number)
    with store.reading() as connection:
        looked = list(connection.execute(shown.limit(limit)).scalars())
        if not looked:
            return Walked(0, None)
        among = LEADS.c.number.between(looked[0], looked[-1])
        without = shown.where(among, ~decided, ~marked)
        numbers = list(connection.execute(without).scalars())
    if numbers:
        store.write(lambda connection: mark_stale(connection, numbers, now, RESCORE))
    return Walked(len(numbers), looked[-1] if len(looked) == limit else None)


def _to_look_at(now: int, limit: int) -> sa.Select[int]:
    due = LEAD_STATES.c.look_again_at
    # One that was decided on since then is as it should be, although its date has passed.
    is_due = (due <= now) & (LEAD_STATES.c.decided_at < due)
    query = sa.select(LEAD_STATES.c.lead).where(is_due, ~_is_marked(LEAD_STATES))
    return query.order_by(due).limit(limit)


def _ended(now: int, limit: int) -> sa.Select[tuple[str, int]]:
    over = FEEDBACK.c.ended_at.is_(None) & (FEEDBACK.c.expires_at <= now)
    return sa.select(FEEDBACK.c.id, FEEDBACK.c.lead).where(over).order_by(FEEDBACK.c.expires_at).limit(limit)


def _best_that_wait(connection: Connection, handoff: Handoff, now: int) -> set[int]:
    """Return the best of the day that nobody has decided on as such yet; none while many wait for scores.

    Decided on again they are over, and wait no more.
    """
    best = best_of_day(connection, handoff, now)
    if not best:
        return set()
    some = sa.select(STALE_LEADS.c.lead).limit(MANY_WAIT).subquery()
    if connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() == MANY_WAIT:
        return set()
    here = sa.select(LEAD_STATES.c.lead).where(LEAD_STATES.c.lead.in_(best), ~_is_marked(LEAD_STATES))
    return set(connection.execute(here).scalars())


def _is_marked(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.exists().where(STALE_LEADS.c.lead == table.c.lead)


def _mark(connection: Connection, due: Iterable[int], ended: dict[str, int], now: int) -> None:
    here = locked(connection, due, LEADS.c.number)
    _let_go(connection, ended, now)
    if ended:
        over = sa.update(FEEDBACK).where(FEEDBACK.c.id.in_(list(ended)), FEEDBACK.c.ended_at.is_(None))
        connection.execute(over.values(ended_at=FEEDBACK.c.expires_at))
    mark_stale(connection, here, now, URGENT)


def _let_go(connection: Connection, ended: dict[str, int], now: int) -> None:
    """Leave it to the policy again where leads are that sales gave back for a while which is over.

    Given back more than once, the newest reason stands. One that left the stage since, and came back
    otherwise, stays: that is another time.
    """
    newest = _newest_returns(connection, set(ended.values()))
    passages = [
        Passage(
            lead=lead, stage=None, substage=None, at=now, because="it is time to look again", by=BY_POLICY
        )
        for lead, stage in stages_now(connection, newest).items()
        if stage.stage == "recycled" and stage.is_said
        if stage.since <= newest[lead].at and _is_over(newest[lead], now)
    ]
    pass_stages(connection, passages)


def _newest_returns(connection: Connection, leads: Iterable[int]) -> dict[int, Row[Any]]:
    """Return by lead the newest word by which sales gave it back for a while, over or not."""
    recycled = FEEDBACK.c.content["then"].as_string() != DISQUALIFY
    query = sa.select(FEEDBACK.c.lead, FEEDBACK.c.at, FEEDBACK.c.expires_at).order_by(FEEDBACK.c.id)
    found: dict[int, Row[Any]] = {}
    for batch in in_batches(leads):
        returns = query.where(FEEDBACK.c.lead.in_(batch), FEEDBACK.c.kind == "rejected", recycled)
        found |= {row.lead: row for row in connection.execute(returns)}
    return found


def _is_over(said: Row[Any], now: int) -> bool:
    return said.expires_at is not None and said.expires_at <= now
