"""Everything that the store holds of one person, to be handed to them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.history.identity import numbers_of
from serving.ledger.chain import unpacked
from serving.store.dialects import in_batches
from serving.store.schema import (
    ALIASES,
    CHANGES,
    CONTACTS,
    EVENTS,
    LEADS,
    LEDGER_HEADERS,
    LEDGER_PAYLOADS,
    OUTCOMES,
    STALE_LEADS,
)
from serving.store.schema_selling import OF_LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF_A_LEAD = {
    "aliases": ALIASES,
    "changes": CHANGES,
    "events": EVENTS,
    "outcomes": OUTCOMES,
    "contacts": CONTACTS,
    "waiting_for_a_score": STALE_LEADS,
    **{table.name: table for table in OF_LEADS},
}
_TIMES = frozenset({"since", "as_of", "claimed_until", "at", "stage_since", "due_by_wall", "due_by_working"})


def numbers_of_person(connection: Connection, lead_id: str) -> list[int]:
    """Return the numbers under which one person is kept: that of the lead, and of all merged into it.

    Leads that are only announced, or deleted, count too. Empty where nobody ever named the lead.
    """
    number = numbers_of(connection, [lead_id]).get(lead_id)
    if number is None:
        return []
    merged = sa.select(LEADS.c.number).where(LEADS.c.merged_into == number).order_by(LEADS.c.number)
    return [number, *connection.execute(merged).scalars()]


def export_lead(connection: Connection, lead_id: str) -> dict[str, Any] | None:
    """Return everything of one person as JSON; None where the store knows nobody of that id.

    The lead and those merged into it, their ids, changes, events, outcomes, contacts, and every score that
    was recorded, with what was told about it; what was decided of them, from which facts, and what people
    said. Times are ISO 8601 in UTC. In a recorded vector (and wherever
    else) a number that is not known is null, one beyond all bounds "Infinity" or "-Infinity".
    """
    numbers = numbers_of_person(connection, lead_id)
    if not numbers:
        return None
    told: dict[str, Any] = {"lead_id": lead_id, "leads": _rows(connection, LEADS, LEADS.c.number, numbers)}
    for name, table in _OF_A_LEAD.items():
        told[name] = _rows(connection, table, table.c.lead, numbers)
    told["scores"] = _scores(connection, numbers)
    return told


def _rows(
    connection: Connection, table: sa.Table, owner: sa.Column[Any], numbers: Sequence[int]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for batch in in_batches(numbers):
        query = sa.select(table).where(owner.in_(batch)).order_by(*table.primary_key.columns)
        found += [_told(row) for row in connection.execute(query)]
    return found


def _scores(connection: Connection, numbers: Sequence[int]) -> list[dict[str, Any]]:
    scores: list[dict[str, Any]] = []
    payload = [column for column in LEDGER_PAYLOADS.c if column.name not in {"id", "salt"}]
    for batch in in_batches(numbers):
        query = (
            sa.select(*LEDGER_HEADERS.c, *payload)
            .join(LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_HEADERS.c.id)
            .where(LEDGER_PAYLOADS.c.lead.in_(batch))
            .order_by(LEDGER_HEADERS.c.id)
        )
        for row in connection.execute(query):
            numbers_of_row = {name: _numbers(getattr(row, name)) for name in ("vector", "contributions")}
            scores.append(_told(row) | {"answer": json.loads(row.answer)} | numbers_of_row)
    return scores


def _numbers(content: bytes) -> list[float | str | None]:
    return [_number(number) for number in unpacked(content).tolist()]


def _number(number: float) -> float | str | None:
    """Return a number as JSON can say it, which knows neither 'not known' nor the infinite."""
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return None
    return "Infinity" if number > 0 else "-Infinity"


def _told(row: Row[Any]) -> dict[str, Any]:
    return {name: _said(name, value) for name, value in row._asdict().items()}


def _said(name: str, value: Any) -> Any:
    if _is_time(name):
        return _moment(value)
    return _number(value) if isinstance(value, float) else value


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name in _TIMES


def _moment(us: int | None) -> str | None:
    if us is None:
        return None
    return (_EPOCH + timedelta(microseconds=us)).isoformat().replace("+00:00", "Z")
