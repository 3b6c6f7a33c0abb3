"""What is asked of people and of the marketing tool, page by page, until it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.store.paging import read_cursor, write_cursor
from serving.store.schema import LEADS
from serving.store.schema_selling import NOTICES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


NOTICE_KINDS = ("reminder", "escalation", "reassigned", "returned", "ended", "acknowledgement")
"""What a notice may be. `acknowledgement`: the marketing tool is to answer the lead at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice about a lead, in microseconds UTC. `to`: a rep, a manager, or None for the marketing tool."""

    number: int
    lead_id: str
    assignment_id: str | None
    kind: str
    to: str | None
    text: str
    at: int
    done_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeQuery:
    """Which notices: to a rep, of a kind, made at `since` or later, not done yet. None: all."""

    to: str | None = None
    kind: str | None = None
    since: int | None = None
    is_open: bool | None = None

    @property
    def question(self) -> list[Any]:
        """What a cursor belongs to."""
        return ["notices", self.to, self.kind, self.since, self.is_open]


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """Some notices, and the cursor of those after them, if there are any."""

    notices: list[Notice]
    next: str | None


_COLUMNS = (*NOTICES.c, LEADS.c.lead_id)
_FROM = NOTICES.join(LEADS, LEADS.c.number == NOTICES.c.lead)


def list_notices(connection: Connection, asked: NoticeQuery, limit: int, cursor: str | None) -> NoticesPage:
    """Return at most `limit` notices, the newest first, after a cursor.

    Raises InputError for a cursor of another question.
    """
    found = sa.select(*_COLUMNS).select_from(_FROM).order_by(NOTICES.c.number.desc()).limit(limit + 1)
    if asked.to is not None:
        found = found.where(NOTICES.c.to == asked.to)
    if asked.kind is not None:
        found = found.where(NOTICES.c.kind == asked.kind)
    if asked.since is not None:
        found = found.where(NOTICES.c.at >= asked.since)
    if asked.is_open is not None:
        found = found.where(NOTICES.c.done_at.is_(None) == asked.is_open)
    if cursor is not None:
        [number] = read_cursor(cursor, asked.question, (int,))
        found = found.where(NOTICES.c.number < number)
    notices = [_notice(row) for row in connection.execute(found)]
    more = len(notices) > limit
    page = notices[:limit]
    return NoticesPage(page, write_cursor(asked.question, [page[-1].number]) if more else None)


def mark_done(connection: Connection, number: int, now: int) -> Notice | None:
    """Note that what a notice asks for is done; the first time stands. None where there is no such notice."""
    this = NOTICES.c.number == number
    connection.execute(sa.update(NOTICES).where(this, NOTICES.c.done_at.is_(None)).values(done_at=now))
    row = connection.execute(sa.select(*_COLUMNS).select_from(_FROM).where(this)).one_or_none()
    return None if row is None else _notice(row)


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        number=row.number,
        lead_id=row.lead_id,
        assignment_id=row.assignment,
        kind=row.kind,
        to=row.to,
        text=row.text,
        at=row.at,
        done_at=row.done_at,
    )
