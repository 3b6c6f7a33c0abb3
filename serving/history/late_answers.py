"""Answers that came after a lead was qualified: they are for decisions, and never for features.

Who qualifies is talked to, and who is talked to gives answers; a model would learn from them which leads
sales has picked, and foretell what sales had done. So a column that answers one of the four questions of a
policy (budget, authority, need, timeline) is, for features, what it was when its lead was qualified first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.deciding.attributes import plain_name
from serving.store.dialects import in_batches
from serving.store.schema import CHANGES, LEADS
from serving.store.schema_selling import LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

_LATE = (
    sa.select(CHANGES.c.number, CHANGES.c.lead, CHANGES.c.column)
    .join(LEAD_STATES, LEAD_STATES.c.lead == CHANGES.c.lead)
    .where(LEAD_STATES.c.qualified_at.is_not(None), CHANGES.c.changed_at > LEAD_STATES.c.qualified_at)
)
_EARLY = (
    sa.select(CHANGES.c.lead, CHANGES.c.column, CHANGES.c.value)
    .join(LEAD_STATES, LEAD_STATES.c.lead == CHANGES.c.lead)
    .where(CHANGES.c.changed_at <= LEAD_STATES.c.qualified_at)
    .order_by(CHANGES.c.lead, CHANGES.c.changed_at, CHANGES.c.number)
)
_LEADS = sa.select(LEADS.c.number, LEADS.c.undated, LEAD_STATES.c.qualified_at).join(
    LEAD_STATES, LEAD_STATES.c.lead == LEADS.c.number
)


@dataclass(frozen=True, slots=True)
class LateAnswers:
    """The `changes` that came late, by number; and, by lead, what such a column was before: None, not known.

    `since`: by lead, when it was qualified, in microseconds UTC.
    """

    changes: frozenset[int] = frozenset()
    before: dict[int, dict[str, Any]] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)

    def cells(self, lead: int, cells: dict[str, Any], as_of: int) -> dict[str, Any]:
        """Return the cells of a lead at a moment as features are made of them."""
        before = self.before.get(lead)
        if before is None or as_of <= self.since[lead]:
            return cells
        kept = {name: before.get(name, cell) for name, cell in cells.items()}
        kept |= {name: cell for name, cell in before.items() if name not in cells}
        return {name: cell for name, cell in kept.items() if cell is not None}

    def kept_from(self, lead: int, cells: dict[str, Any], as_of: int) -> dict[str, Any]:
        """Return what features do not see of the cells of a lead at a moment; None: it is not known now."""
        before = self.before.get(lead)
        if before is None or as_of <= self.since[lead]:
            return {}
        return {name: cells.get(name) for name in before}


def late_answers(
    connection: Connection, answers: frozenset[str], leads: Iterable[int] | None = None
) -> LateAnswers:
    """Return the late answers of leads, or of all; `answers` are plain names of columns that hold answers."""
    if not answers:
        return LateAnswers()
    late = _rows(connection, _LATE, CHANGES.c.lead, leads)
    found = [row for row in late if plain_name(row.column) in answers]
    columns: dict[int, set[str]] = {}
    for row in found:
        columns.setdefault(row.lead, set()).add(row.column)
    before: dict[int, dict[str, Any]] = {}
    since: dict[int, int] = {}
    for number, undated, qualified_at in _rows(connection, _LEADS, LEADS.c.number, columns):
        held = undated or {}
        before[number] = {name: held.get(name) for name in sorted(columns[number])}
        since[number] = qualified_at
    for lead, column, value in _rows(connection, _EARLY, CHANGES.c.lead, columns):
        if column in before[lead]:
            before[lead][column] = value
    return LateAnswers(frozenset(row.number for row in found), before, since)


def _rows(
    connection: Connection, query: sa.Select[Any], column: sa.Column[Any], leads: Iterable[int] | None
) -> Iterator[Any]:
    if leads is None:
        yield from connection.execute(query)
        return
    for batch in in_batches(leads):
        yield from connection.execute(query.where(column.in_(batch)))
