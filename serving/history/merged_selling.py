"""What is kept of decisions and of what people said, when leads are merged or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.store.dialects import in_batches
from serving.store.schema_selling import (
    ASSIGNMENTS,
    DECISIONS,
    LEAD_STATES,
    OF_LEADS,
    REP_CONTACTS,
    STAGES_PASSED,
    TIMERS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

BY_POLICY = "policy"
_STAY = (LEAD_STATES, DECISIONS, STAGES_PASSED)
"""What was decided of a lead, and where it was, stays under its number, as its changes and records do."""

_LADDER = ("SQL", "opportunity")


def merge_selling(connection: Connection, absorbed: Sequence[int], into: int, now: int) -> None:
    """Let the survivor have what was said of the others, who has them, and the furthest that sales came.

    Answers, feedback, assignments, timers and notices are the survivor's from now on. It keeps its own live
    assignment, else takes the oldest of the others'; those that are left over are closed, their timers with
    them. Where sales brought one of the others further than it, it is there now. It counts as qualified
    since the first of them was. All are locked.
    """
    _take_stage(connection, absorbed, into, now)
    _take_qualification(connection, absorbed, into)
    _settle_assignments(connection, absorbed, into, now)
    _forget_doubled_contacts(connection, absorbed, into)
    for batch in in_batches(absorbed):
        for table in OF_LEADS:
            if table not in _STAY:
                connection.execute(sa.update(table).where(table.c.lead.in_(batch)).values(lead=into))
        left = sa.update(STAGES_PASSED).where(
            STAGES_PASSED.c.lead.in_(batch), STAGES_PASSED.c.left_at.is_(None)
        )
        connection.execute(left.values(left_at=_not_before_entry(now)))
        connection.execute(sa.delete(LEAD_STATES).where(LEAD_STATES.c.lead.in_(batch)))


def close_assignments(connection: Connection, numbers: Iterable[int], now: int, why: str) -> None:
    """End who has these leads, and what is due of them: they are gone."""
    for batch in in_batches(numbers):
        live = ASSIGNMENTS.c.lead.in_(batch) & ASSIGNMENTS.c.ended_at.is_(None)
        ids = list(connection.execute(sa.select(ASSIGNMENTS.c.id).where(live)).scalars())
        _close(connection, ids, now, why)
        owned = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead.in_(batch))
        connection.execute(owned.values(owner=None))


def _settle_assignments(connection: Connection, absorbed: Sequence[int], into: int, now: int) -> None:
    columns = [ASSIGNMENTS.c[name] for name in ("id", "lead", "rep", "assigned_at")]
    query = sa.select(*columns).where(ASSIGNMENTS.c.ended_at.is_(None))
    live = _rows(connection, query, ASSIGNMENTS.c.lead, [into, *absorbed])
    # A rep goes before a queue, the survivor's own before the others', the oldest before later ones.
    live.sort(key=lambda row: (row.rep is None, row.lead != into, row.assigned_at, row.id))
    _close(connection, [row.id for row in live[1:]], now, "merged into another lead")
    if live:
        owned = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == into)
        connection.execute(owned.values(owner=live[0].rep))


def _take_stage(connection: Connection, absorbed: Sequence[int], into: int, now: int) -> None:
    passed = STAGES_PASSED.c
    query = STAGES_PASSED.select().where(passed.left_at.is_(None))
    rows = _rows(connection, query, passed.lead, [into, *absorbed])
    said = [row for row in rows if row.by != BY_POLICY and row.stage in _LADDER]
    if not said:
        return
    best = max(said, key=lambda row: (_LADDER.index(row.stage), row.lead == into, -row.entered_at))
    if best.lead == into:
        return
    own = (passed.lead == into) & passed.left_at.is_(None)
    connection.execute(sa.update(STAGES_PASSED).where(own).values(left_at=_not_before_entry(now)))
    entered = max([now, *(row.entered_at for row in rows if row.lead == into)])
    taken = {name: getattr(best, name) for name in ("stage", "substage", "because", "by")}
    connection.execute(STAGES_PASSED.insert().values(taken | {"lead": into, "entered_at": entered}))


def _take_qualification(connection: Connection, absorbed: Sequence[int], into: int) -> None:
    query = sa.select(LEAD_STATES.c.lead, LEAD_STATES.c.qualified_at)
    states = _rows(connection, query, LEAD_STATES.c.lead, [into, *absorbed])
    first = min((row.qualified_at for row in states if row.qualified_at is not None), default=None)
    if states and all(row.lead != into for row in states):
        # Nothing is decided of the survivor yet: until then it is as the other was, and then it is news.
        moved = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == states[0].lead)
        connection.execute(moved.values(lead=into, decided_as=""))
    own = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == into)
    connection.execute(own.values(qualified_at=first))


def _forget_doubled_contacts(connection: Connection, absorbed: Sequence[int], into: int) -> None:
    """Keep a contact once that a rep noted with several of the leads: that which counts in an assignment."""
    rows = _rows(connection, REP_CONTACTS.select(), REP_CONTACTS.c.lead, [into, *absorbed])
    rows.sort(key=lambda row: (row.assignment is None, row.lead != into, row.id))
    kept: dict[tuple[str, int, str], str] = {}
    for row in rows:
        kept.setdefault((row.rep, row.at, row.channel), row.id)
    doubled = sorted({row.id for row in rows} - {*kept.values()})
    for batch in in_batches(doubled):
        connection.execute(sa.delete(REP_CONTACTS).where(REP_CONTACTS.c.id.in_(batch)))


def _close(connection: Connection, ids: Sequence[str], now: int, why: str) -> None:
    if not ids:
        return
    ended = sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id.in_(ids))
    at = sa.case((ASSIGNMENTS.c.assigned_at > now, ASSIGNMENTS.c.assigned_at), else_=now)
    connection.execute(ended.values(state="closed", ended_at=at, ended_because=why))
    waiting = TIMERS.c.fired_at.is_(None) & TIMERS.c.cancelled_at.is_(None)
    cancelled = sa.update(TIMERS).where(TIMERS.c.assignment.in_(ids), waiting)
    connection.execute(cancelled.values(cancelled_at=now))


def _rows(
    connection: Connection, query: sa.Select[Any], column: sa.Column[Any], numbers: Sequence[int]
) -> list[Row[Any]]:
    return [
        row for batch in in_batches(numbers) for row in connection.execute(query.where(column.in_(batch)))
    ]


def _not_before_entry(now: int) -> sa.ColumnElement[int]:
    return sa.case((STAGES_PASSED.c.entered_at > now, STAGES_PASSED.c.entered_at), else_=now)
