"""The records of one lead, and of those that were merged into it, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.errors import Fault, InputError
from serving.store.schema import LEADS, LEDGER_HEADERS, LEDGER_PAYLOADS

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class GivenRecord:
    """A score that was given: when (microseconds UTC), and the answer as JSON."""

    id: str
    recorded_at: int
    answer: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, and the cursor of those before them; None where there are none."""

    records: tuple[GivenRecord, ...]
    next: str | None


def records_of(connection: Connection, number: int, cursor: str | None, limit: int) -> RecordPage:
    """Return at most `limit` records of a lead, the newest first, and whole: erased ones are gone.

    Those of leads that were merged into it are its own.

    Raises InputError where the cursor is no cursor.
    """
    merged = sa.select(LEADS.c.number).where(LEADS.c.merged_into == number)
    owners = [number, *connection.execute(merged).scalars()]
    by = (LEDGER_HEADERS.c.recorded_at, LEDGER_HEADERS.c.id)
    query = (
        sa.select(LEDGER_HEADERS.c.id, LEDGER_HEADERS.c.recorded_at, LEDGER_PAYLOADS.c.answer)
        .join(LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_HEADERS.c.id)
        .where(LEDGER_PAYLOADS.c.lead.in_(owners))
        .order_by(*(column.desc() for column in by))
        .limit(limit + 1)
    )
    if cursor is not None:
        at, record_id = _position(cursor)
        query = query.where(sa.tuple_(*by) < sa.tuple_(sa.literal(at), sa.literal(record_id)))
    rows = [GivenRecord(*row) for row in connection.execute(query)]
    more, page = len(rows) > limit, rows[:limit]
    return RecordPage(tuple(page), f"{page[-1].recorded_at}.{page[-1].id}" if more else None)


def _position(cursor: str) -> tuple[int, str]:
    at, _, record_id = cursor.partition(".")
    if not (at.isascii() and at.isdecimal() and len(at) < 19 and record_id.isascii() and record_id.isalnum()):
        remedy = "Send it unchanged, or begin again without it."
        raise InputError(Fault("?cursor", "the `next` of the page before", "something else", remedy))
    return int(at), record_id
