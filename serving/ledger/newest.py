"""The newest score of a lead that was on record at a moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.schema import LEDGER_HEADERS, LEDGER_PAYLOADS

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS = (
    LEDGER_HEADERS.c.id,
    LEDGER_HEADERS.c.recorded_at,
    LEDGER_HEADERS.c.as_of,
    LEDGER_HEADERS.c.model_name,
    LEDGER_HEADERS.c.model_version,
    LEDGER_HEADERS.c.model_sha256,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestRecord:
    """A score (0-99) that was recorded, and which model gave it. Times are microseconds UTC."""

    id: str
    recorded_at: int
    as_of: int
    model_name: str
    model_version: int | None
    model_sha256: str | None
    score: int


def newest_record(connection: Connection, number: int, moment: int) -> NewestRecord | None:
    """Return the last score of a lead that was recorded at or before a moment, None where none is kept.

    Scores of leads that were merged into it are not its own: they were scores of less than it.
    """
    query = (
        sa.select(*_COLUMNS, LEDGER_PAYLOADS.c.answer)
        .join(LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_HEADERS.c.id)
        .where(LEDGER_PAYLOADS.c.lead == number, LEDGER_HEADERS.c.recorded_at <= moment)
        .order_by(LEDGER_HEADERS.c.recorded_at.desc(), LEDGER_HEADERS.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    told = row._asdict()
    score = json.loads(told.pop("answer"))["score"]
    return NewestRecord(**told, score=int(score))
