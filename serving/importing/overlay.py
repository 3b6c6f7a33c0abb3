"""What stands now of leads, made from what an import brought and from those of their changes that are due."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.contacts import check_contacts
from serving.history.contacts import keep_contacts
from serving.history.identity import locked
from serving.store.database import to_json_text
from serving.store.dialects import in_batches
from serving.store.schema import CHANGES, LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Row

    from features.cells import CellRules

LEADS_AT_ONCE = 5_000
_READ = tuple(
    LEADS.c[name] for name in ("undated", "updated_at", "touched_at", "cells", "arrived_at", "deleted_at")
)


def overlay(connection: Connection, numbers: Iterable[int], rules: CellRules, now: int) -> None:
    """Write what stands now with leads: what is undated, and over it the last change of each column.

    A change that lies ahead, as one dated by today's day alone does, stands from its moment on: when the
    first of them is due is written with the lead, which is to be overlaid again then. `now` in microseconds
    UTC, by the clock of the transaction.

    It is done in the transaction that writes the changes or the undated values, so that an import that
    breaks off leaves no lead between the two.
    """
    for batch in in_batches(sorted(numbers), size=LEADS_AT_ONCE):
        leads = locked(connection, batch, *_READ)
        changes, ahead = _last_changes(connection, batch, now), _next_changes(connection, batch, now)
        stand = {number: _cells(lead, changes[number]) for number, lead in leads.items()}
        # The next change that is made of the lead comes after all of these.
        rows = [
            {
                "at": number,
                "new_cells": stand[number],
                "new_next_change_at": ahead.get(number),
                "new_updated_at": max([lead.updated_at, *(row.changed_at for row in changes[number])]),
                "new_touched_at": max(
                    lead.touched_at, 0 if _spelled(stand[number]) == _spelled(lead.cells) else now
                ),
            }
            for number, lead in leads.items()
        ]
        if rows:
            connection.execute(_UPDATE, rows)
        shown = [n for n, lead in leads.items() if lead.arrived_at is not None and lead.deleted_at is None]
        keep_contacts_in(connection, {number: stand[number] for number in shown}, rules)


def keep_contacts_in(
    connection: Connection, cells: Mapping[int, Mapping[str, Any]], rules: CellRules
) -> None:
    """Keep by what leads are reached; `cells` by the number of the lead."""
    contacts = {number: check_contacts(held, rules).contacts for number, held in cells.items()}
    keep_contacts(connection, contacts, rules)


_OF_LEADS = CHANGES.join(LEADS, LEADS.c.number == CHANGES.c.lead)
_UPDATE = (
    sa.update(LEADS)
    .where(LEADS.c.number == sa.bindparam("at"))
    .values(
        cells=sa.bindparam("new_cells", type_=LEADS.c.cells.type),
        next_change_at=sa.bindparam("new_next_change_at", type_=LEADS.c.next_change_at.type),
        updated_at=sa.bindparam("new_updated_at", type_=LEADS.c.updated_at.type),
        touched_at=sa.bindparam("new_touched_at", type_=LEADS.c.touched_at.type),
    )
)


def _spelled(cells: Mapping[str, Any]) -> str:
    return to_json_text(sorted(cells.items()))


def _is_due(now: int) -> sa.ColumnElement[bool]:
    # The store dates changes of one lead one after the other: the last can be a little after the clock.
    return sa.or_(CHANGES.c.changed_at <= now, CHANGES.c.changed_at <= LEADS.c.updated_at)


def _next_changes(connection: Connection, numbers: list[int], now: int) -> dict[int, int]:
    """Return when the first change of leads is due that lies ahead."""
    ahead = sa.select(CHANGES.c.lead, sa.func.min(CHANGES.c.changed_at)).select_from(_OF_LEADS)
    ahead = ahead.where(CHANGES.c.lead.in_(numbers), CHANGES.c.changed_at > now, ~_is_due(now))
    return {row[0]: row[1] for row in connection.execute(ahead.group_by(CHANGES.c.lead))}


def _last_changes(connection: Connection, numbers: list[int], now: int) -> dict[int, list[Row[Any]]]:
    """Return the last change of each column of leads that is due, in their order."""
    columns = (CHANGES.c.lead, CHANGES.c.column, CHANGES.c.changed_at, CHANGES.c.value, CHANGES.c.number)
    place = sa.func.row_number().over(
        partition_by=(CHANGES.c.lead, CHANGES.c.column),
        order_by=(CHANGES.c.changed_at.desc(), CHANGES.c.number.desc()),
    )
    due = sa.select(*columns, place.label("place")).select_from(_OF_LEADS)
    ranked = due.where(CHANGES.c.lead.in_(numbers), _is_due(now)).subquery()
    last = sa.select(ranked).where(ranked.c.place == 1).order_by(ranked.c.changed_at, ranked.c.number)
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(last):
        found[row.lead].append(row)
    return found


def _cells(lead: Row[Any], changes: Iterable[Row[Any]]) -> dict[str, Any]:
    cells = {name: cell for name, cell in (lead.undated or {}).items() if cell is not None}
    for change in changes:
        if change.value is None:
            cells.pop(change.column, None)
        else:
            cells[change.column] = change.value
    return cells
