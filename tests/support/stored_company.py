"""A company's tables in the store, as an import would leave them, and the home of a real model."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.history import microseconds_of
from serving.store.schema import ACCOUNTS, ALIASES, CHANGES, EVENTS, LEADS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from features.tables import Tables
    from serving.store.database import Store


def put_tables(store: Store, tables: Tables) -> dict[str, int]:
    """Write canonical tables into an empty store, and return the leads' numbers."""
    ids = tables.leads["lead_id"].tolist()
    numbers = {lead_id: at for at, lead_id in enumerate(ids, start=1)}
    changes = list(_changes(tables, numbers))
    now: dict[int, dict[str, Any]] = {number: dict(cells) for number, cells in _cells(tables, numbers)}
    last: dict[int, int] = defaultdict(int)
    for change in sorted(changes, key=lambda row: row["changed_at"]):
        now[change["lead"]][change["column"]] = change["value"]
        last[change["lead"]] = change["changed_at"]
    created = microseconds_of(tables.leads["created_at"]).tolist()
    leads = [
        {
            "number": numbers[lead_id],
            "lead_id": lead_id,
            "created_at": at if at > 0 else None,
            "arrived_at": max(at, 0),
            "updated_at": last[numbers[lead_id]],
            "touched_at": last[numbers[lead_id]],
            "undated": undated,
            "cells": {name: cell for name, cell in now[numbers[lead_id]].items() if cell is not None},
        }
        for lead_id, at, (_, undated) in zip(ids, created, _cells(tables, numbers), strict=True)
    ]

    def written(connection: Connection) -> None:
        connection.execute(LEADS.insert(), leads)
        connection.execute(ALIASES.insert(), [{"lead_id": i, "lead": n} for i, n in numbers.items()])
        for table, rows in (
            (CHANGES, changes),
            (EVENTS, list(_events(tables, numbers))),
            (OUTCOMES, list(_outcomes(tables, numbers))),
            (ACCOUNTS, list(_accounts(tables))),
        ):
            if rows:
                connection.execute(table.insert(), rows)

    store.write(written)
    return numbers


def _cells(tables: Tables, numbers: dict[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    names = [name for name in tables.leads.columns if name not in {"lead_id", "created_at"}]
    columns = [tables.leads[name].astype(object).tolist() for name in names]
    for lead_id, *row in zip(tables.leads["lead_id"], *columns, strict=True):
        cells = {name: plain(cell) for name, cell in zip(names, row, strict=True)}
        yield numbers[lead_id], {name: cell for name, cell in cells.items() if cell is not None}


def _changes(tables: Tables, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    rows = tables.changes
    if rows is None:
        return
    for lead_id, column, at, value in zip(
        rows["lead_id"],
        rows["column"],
        microseconds_of(rows["changed_at"]).tolist(),
        rows["value"],
        strict=True,
    ):
        yield {"lead": numbers[lead_id], "column": column, "changed_at": at, "value": plain(value)}


def _events(tables: Tables, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    rows = tables.events
    if rows is None:
        return
    for lead_id, at, known, kind, detail, value, event_id in zip(
        rows["lead_id"],
        microseconds_of(rows["occurred_at"]).tolist(),
        microseconds_of(rows["known_at"]).tolist(),
        rows["type"],
        rows["detail"],
        rows["value"].tolist(),
        rows["event_id"],
        strict=True,
    ):
        yield {
            "lead": numbers[lead_id],
            "occurred_at": at,
            "known_at": known,
            "type": kind,
            "value": plain(value),
            "event_id": plain(event_id),
            "properties": None if plain(detail) is None else {"page_group": detail},
        }


def _outcomes(tables: Tables, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    rows = tables.outcomes
    if rows is None:
        return
    for lead_id, at, known, outcome in zip(
        rows["lead_id"],
        microseconds_of(rows["occurred_at"]).tolist(),
        microseconds_of(rows["known_at"]).tolist(),
        rows["outcome"],
        strict=True,
    ):
        yield {"lead": numbers[lead_id], "occurred_at": at, "known_at": known, "outcome": outcome}


def _accounts(tables: Tables) -> Iterator[dict[str, Any]]:
    for place, rows in enumerate(tables.accounts):
        since = [None if at < 0 else at for at in microseconds_of(rows["known_from"]).tolist()]
        for row, known_from in zip(rows.to_dict("records"), since, strict=True):
            cells = {
                str(name): plain(cell) for name, cell in row.items() if name not in {"key", "known_from"}
            }
            kept = {name: cell for name, cell in cells.items() if cell is not None}
            yield {"place": place, "key": row["key"], "known_from": known_from, "cells": kept}


def plain(cell: Any) -> Any:
    """A cell of a table as JSON writes it; None where it is not known."""
    if isinstance(cell, list | tuple):
        return list(cell)
    if cell is None or pd.isna(cell):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell
