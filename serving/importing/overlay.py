"""What stands now of leads, made from what an import brought and from their changes."""

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

    `now` in microseconds UTC, by the clock of the transaction.

    It is done in the transaction that writes the changes or the undated values, so that an import that
    breaks off leaves no lead between the two.
    """
    for batch in in_batches(sorted(numbers), size=LEADS_AT_ONCE):
        leads = locked(connection, batch, *_READ)
        changes = _last_changes(connection, batch)
        stand = {number: _cells(lead, changes[number]) for number, lead in leads.items()}
        # The lead's next change comes after all of these.
        rows = [
            {
                "at": number,
                "new_cells": stand[number],
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


_UPDATE = (
    sa.update(LEADS)
    .where(LEADS.c.number == sa.bindparam("at"))
    .values(
        cells=sa.bindparam("new_cells", type_=LEADS.c.cells.type),
        updated_at=sa.bindparam("new_updated_at", type_=LEADS.c.updated_at.type),
        touched_at=sa.bindparam("new_touched_at", type_=LEADS.c.touched_at.type),
    )
)


def _spelled(cells: Mapping[str, Any]) -> str:
    return to_json_text(sorted(cells.items()))


def _last_changes(connection: Connection, numbers: list[int]) -> dict[int, list[Row[Any]]]:
    """Return the last change of each column of leads, in their order."""
    columns = (CHANGES.c.lead, CHANGES.c.column, CHANGES.c.changed_at, CHANGES.c.value, CHANGES.c.number)
    place = sa.func.row_number().over(
        partition_by=(CHANGES.c.lead, CHANGES.c.column),
        order_by=(CHANGES.c.changed_at.desc(), CHANGES.c.number.desc()),
    )
    ranked = sa.select(*columns, place.label("place")).where(CHANGES.c.lead.in_(numbers)).subquery()
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
