"""An import that breaks off after any of its transactions is made whole by the same import again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import sqlalchemy as sa

from features.mapping import Mapping, mapping_from
from serving.importing import import_files
from serving.store.database import Store
from serving.store.schema import ALIASES, CHANGES, CONTACTS, EVENTS, LEADS, METADATA, OUTCOMES, STALE_LEADS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

T = TypeVar("T")
NOW = 1_800_000_000_000_000
CONTENT: dict[str, Any] = {
    "leads": {"path": "leads.csv", "id": "id", "created_at": "created"},
    "events": {"path": "events.csv", "lead_id": "id", "occurred_at": "at", "type": "what"},
    "changes": {
        "path": "changes.csv",
        "lead_id": "id",
        "column": "column",
        "changed_at": "at",
        "value": "value",
    },
    "outcomes": {"path": "outcomes.csv", "lead_id": "id", "occurred_at": "at", "outcome": "end"},
    "training": {"horizon": "30 days"},
}
FIRST = {
    "leads": "id,created,size,email\nA,2025-01-01,1,a@a.example\nB,2025-01-01,2,\n",
    "events": "id,at,what\nA,2025-01-02,visit\nlater,2025-01-02,visit\n",
    "changes": "id,column,at,value\nA,size,2025-02-01,99\nlater,size,2025-02-01,98\n",
    "outcomes": "id,at,end\nB,2025-02-01,lost\n",
}
"""Of a lead that comes with the second files alone, the first know the history."""

SECOND = {
    "leads": FIRST["leads"].replace("2,\n", "3,b@b.example\n") + "later,2025-01-01,4,c@c.example\n",
    "events": FIRST["events"] + "A,2025-03-02,visit\nB,2025-03-02,visit\n",
    "changes": FIRST["changes"] + "A,size,2025-03-01,\nA,email,2025-03-01,new@a.example\n",
    "outcomes": FIRST["outcomes"] + "A,2025-03-03,won\n",
}


class BrokenOffError(Exception):
    """What stops an import."""


@dataclass(frozen=True, slots=True)
class BreaksOff(Store):
    """A store whose process is gone after so many transactions."""

    left: list[None] = ...  # type: ignore[assignment]  # always given

    def write(self, work: Callable[[Connection], T]) -> T:
        done = Store.write(self, work)
        if not self.left:
            raise BrokenOffError
        self.left.pop()
        return done


@pytest.fixture
def mapping() -> Mapping:
    return mapping_from(CONTENT)


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)


def empty(store: Store) -> None:
    tables = (ALIASES, CHANGES, CONTACTS, EVENTS, LEADS, OUTCOMES, STALE_LEADS)

    def emptied(connection: Connection) -> None:
        if not store.is_sqlite:
            names = ", ".join(table.name for table in tables)
            connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))
            return
        for table in tables:
            connection.execute(table.delete())
        connection.execute(sa.text("DELETE FROM sqlite_sequence"))  # so that it counts from 1 again

    store.write(emptied)


def all_scored(store: Store) -> None:
    """Let the worker have scored what there is."""

    def scored(connection: Connection) -> None:
        connection.execute(LEADS.update().where(LEADS.c.arrived_at.is_not(None)).values(scored_at=NOW))
        connection.execute(STALE_LEADS.delete())

    store.write(scored)


def told(store: Store) -> dict[str, list[Any]]:
    """All that the store holds; of what is asked for how urgent it is, however often it was asked for."""
    with store.reading() as connection:
        found: dict[str, list[Any]] = {
            table.name: [
                tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))
            ]
            for table in METADATA.sorted_tables
            if table is not STALE_LEADS
        }
        asked = sa.select(STALE_LEADS.c.lead, STALE_LEADS.c.urgency).order_by(STALE_LEADS.c.lead)
        return found | {"stale_leads": [tuple(row) for row in connection.execute(asked)]}


@pytest.mark.parametrize("is_second", [False, True])
def test_an_import_that_breaks_off_anywhere_is_made_whole_by_the_next(
    store: Store, mapping: Mapping, tmp_path: Path, *, is_second: bool
) -> None:
    def begin() -> None:
        empty(store)
        put(tmp_path, FIRST)
        if is_second:
            import_files(store, mapping, tmp_path, NOW)
            all_scored(store)
            put(tmp_path, SECOND)

    begin()
    import_files(store, mapping, tmp_path, NOW + 1)
    whole = told(store)
    for transactions in range(100):
        begin()
        try:
            import_files(BreaksOff(store.engine, left=[None] * transactions), mapping, tmp_path, NOW + 1)
        except BrokenOffError:
            import_files(store, mapping, tmp_path, NOW + 1)
            assert told(store) == whole, transactions
        else:
            break
    assert 6 <= transactions < 100
    lead_id, held = (list(LEADS.c.keys()).index(name) for name in ("lead_id", "cells"))
    cells = {row[lead_id]: row[held] for row in whole["leads"]}
    if is_second:
        assert cells["A"] == {"email": "new@a.example"}
        assert cells["later"] == {"size": "98", "email": "c@c.example"}
