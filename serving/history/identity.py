"""Which lead an id means: aliases, leads that are only announced, leads that are deleted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.history.last_score import LAST_SCORE_COLUMNS, LastScore
from serving.history.merged_selling import close_assignments
from serving.store.database import BeginAgainError
from serving.store.dialects import in_batches, insert_into, is_sqlite
from serving.store.schema import ALIASES, LEADS, STALE_LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

IS_SHOWN = LEADS.c.arrived_at.is_not(None) & LEADS.c.deleted_at.is_(None) & LEADS.c.merged_into.is_(None)
"""A lead that somebody sent, and that is neither deleted nor merged into another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLead:
    """A lead as it stands now, and its `last` score. Times are microseconds UTC.

    `aliases` are the other ids by which it is or was called, in order. See `schema.LEADS` for the rest.
    """

    number: int
    lead_id: str
    created_at: int | None
    arrived_at: int
    updated_at: int
    touched_at: int
    cells: dict[str, Any]
    last: LastScore
    aliases: tuple[str, ...]

    @classmethod
    def of(cls, row: Row[Any], ids: Iterable[str]) -> StoredLead:
        """Return what a row with STORED_LEAD_COLUMNS says; `ids` are all by which the lead is called."""
        own = {column.name: row._mapping[column.name] for column in _OWN_COLUMNS}  # noqa: SLF001 - public, in spite of its name
        return cls(**own, last=LastScore.of(row), aliases=tuple(sorted({*ids} - {row.lead_id})))


_OWN_COLUMNS = tuple(LEADS.c[field.name] for field in fields(StoredLead) if field.name in LEADS.c)
STORED_LEAD_COLUMNS = (*_OWN_COLUMNS, *LAST_SCORE_COLUMNS)


def numbers_of(connection: Connection, lead_ids: Iterable[str], now: int | None = None) -> dict[str, int]:
    """Return the numbers of leads by the ids given; an id that leads nowhere has none.

    With `now` (microseconds UTC) every id leads somewhere: one that was never heard of is announced. Nothing
    is locked, so on PostgreSQL another transaction may merge or erase a lead before it is used: see `held`.
    Raises BeginAgainError where one was announced by somebody else at the same time, and erased again.
    """
    wanted = set(lead_ids)
    found = _aliased(connection, wanted)
    if now is not None and (unknown := wanted - found.keys()):
        _announce(connection, unknown, now)
        found |= _aliased(connection, unknown)
        if not wanted <= found.keys():
            raise BeginAgainError("a lead was announced and erased meanwhile")
    return found


def locked(connection: Connection, numbers: Iterable[int], *columns: sa.Column[Any]) -> dict[int, Row[Any]]:
    """Return leads by number, with `columns` (default: all) as they stand when nobody else may change them.

    They stay so until the transaction ends. Leads are locked in the order of their numbers, so that two
    transactions do not wait for one another. On SQLite the transaction is the only one that writes. A lead
    that is merged into another is left out, and not locked: its survivor is what counts.
    """
    rows: dict[int, Row[Any]] = {}
    for batch in in_batches(sorted(numbers)):
        query = sa.select(*({LEADS.c.number: None} | dict.fromkeys(columns or LEADS.c)))
        query = query.where(LEADS.c.number.in_(batch), LEADS.c.merged_into.is_(None))
        query = query.order_by(LEADS.c.number).with_for_update()
        rows |= {row.number: row for row in connection.execute(query)}
    return rows


def held(
    connection: Connection, lead_ids: Iterable[str], now: int | None = None, also: Iterable[int] = ()
) -> dict[str, int]:
    """Return what `numbers_of` returns, of leads that are locked, so that an id leads where it says.

    `also` are numbers of further leads to be locked with them. Raises BeginAgainError where another
    transaction merged or erased one of them before it was locked: what is locked already would be in the
    way of who merges next.
    """
    found = numbers_of(connection, lead_ids, now)
    numbers = {*found.values(), *also}
    if not is_sqlite(connection) and numbers != locked(connection, numbers, LEADS.c.number).keys():
        raise BeginAgainError("a lead was merged or erased meanwhile")
    return found


def find_lead(connection: Connection, lead_id: str) -> StoredLead | None:
    """Return the lead that an id means; None where it is not known, only announced, or deleted."""
    of_alias = sa.select(*STORED_LEAD_COLUMNS).join(ALIASES, ALIASES.c.lead == LEADS.c.number)
    row = connection.execute(of_alias.where(ALIASES.c.lead_id == lead_id, IS_SHOWN)).first()
    if row is None:
        return None
    ids = connection.execute(sa.select(ALIASES.c.lead_id).where(ALIASES.c.lead == row.number)).scalars()
    return StoredLead.of(row, ids)


def is_announced(connection: Connection, lead_id: str) -> bool:
    """Return whether an id is known from events or outcomes alone: nobody has sent the lead yet."""
    of_alias = sa.select(LEADS.c.number).join(ALIASES, ALIASES.c.lead == LEADS.c.number)
    unsent = LEADS.c.arrived_at.is_(None) & LEADS.c.merged_into.is_(None)
    return connection.execute(of_alias.where(ALIASES.c.lead_id == lead_id, unsent)).first() is not None


def delete_lead(connection: Connection, lead_id: str, now: int) -> bool:
    """Delete a lead, until it is sent again. Returns whether it was there. What is known of it is kept.

    Whoever has it has it no longer, and nothing of it is due.
    """
    number = held(connection, [lead_id]).get(lead_id)
    here = sa.update(LEADS).where(LEADS.c.number == number, IS_SHOWN).values(deleted_at=now)
    if number is None or not connection.execute(here).rowcount:
        return False
    connection.execute(sa.delete(STALE_LEADS).where(STALE_LEADS.c.lead == number))
    close_assignments(connection, [number], now, "the lead was deleted")
    return True


def _aliased(connection: Connection, lead_ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in in_batches(lead_ids):
        query = sa.select(ALIASES.c.lead_id, ALIASES.c.lead).where(ALIASES.c.lead_id.in_(batch))
        found |= {row.lead_id: row.lead for row in connection.execute(query)}
    return found


def _announce(connection: Connection, lead_ids: Iterable[str], now: int) -> None:
    """Make leads of ids that nobody has sent. Another transaction may do so at the same time."""
    rows = [
        {"lead_id": lead_id, "updated_at": now, "touched_at": now, "cells": {}}
        for lead_id in sorted(lead_ids)
    ]
    new = insert_into(connection, LEADS).on_conflict_do_nothing(index_elements=["lead_id"])
    made: Sequence[Row[Any]] = connection.execute(new.returning(LEADS.c.lead_id, LEADS.c.number), rows).all()
    if made:
        aliases = [{"lead_id": row.lead_id, "lead": row.number} for row in made]
        names = insert_into(connection, ALIASES).on_conflict_do_nothing(index_elements=["lead_id"])
        connection.execute(names, aliases)
