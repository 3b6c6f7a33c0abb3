"""An import on PostgreSQL while others write the same leads: neither is undone."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, TypeVar

import pytest
import sqlalchemy as sa
from threads import in_threads
from waiting import until

from features.mapping import mapping_from
from serving.history.identity import find_lead
from serving.history.leads import LeadSent, drafts_of, keep_leads, write_drafts
from serving.importing import import_files
from serving.store.database import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres import Postgres
    from sqlalchemy import Connection

T = TypeVar("T")
NOW = 1_800_000_000_000_000


@dataclass(frozen=True, slots=True)
class Counting(Store):
    """A store that says how often it did its transactions' work."""

    begun: list[None] = ...  # type: ignore[assignment]  # always given

    def write(self, work: Callable[[Connection], T]) -> T:
        def counted(connection: Connection) -> T:
            self.begun.append(None)
            return work(connection)

        return Store.write(self, counted)


@pytest.fixture
def store(tmp_path: Path, postgres_server: Postgres) -> Iterator[Store]:
    """SQLite has one writing transaction at a time."""
    opened = open_store(tmp_path, postgres_server.database())
    yield opened
    opened.close()


def somebody_waits(store: Store) -> bool:
    with store.reading() as connection:
        waiting = sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")
        return connection.execute(waiting).first() is not None


@pytest.mark.parametrize("has_written", [False, True])
def test_whoever_writes_leads_that_an_import_brings_is_let_end(
    store: Store, tmp_path: Path, *, has_written: bool
) -> None:
    (tmp_path / "leads.csv").write_text("id,size\nL-1,1\n")
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "id"}})
    [lead] = store.write(lambda c: keep_leads(c, [LeadSent("L-1", None, {"size": "0"})], NOW))
    sent, imported = Counting(store.engine, begun=[]), Counting(store.engine, begun=[])
    is_held = Event()

    def send(connection: Connection) -> None:
        if has_written:
            keep_leads(connection, [LeadSent("L-2", None, {})], NOW + 1)
        else:
            drafts_of(connection, [lead.number])
        is_held.set()
        until(lambda: somebody_waits(store), "the import's waiting")
        drafts = drafts_of(connection, [lead.number])
        drafts[lead.number].take(LeadSent("L-1", None, {"size": "9"}), NOW + 1)
        write_drafts(connection, drafts.values(), NOW + 1)

    def bring() -> None:
        is_held.wait(60)
        import_files(imported, mapping, tmp_path, NOW + 2)

    in_threads([lambda: sent.write(send), bring])
    assert len(sent.begun) == 1
    alone = Counting(store.engine, begun=[])
    import_files(alone, mapping, tmp_path, NOW + 3)
    assert len(imported.begun) == len(alone.begun), "as many as with nobody beside it"
    with store.reading() as connection:
        found = find_lead(connection, "L-1")
    assert found is not None
    assert found.cells == {"size": "1"}
