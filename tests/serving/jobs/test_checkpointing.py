"""SQLite's log, kept short by the worker."""

from pathlib import Path

import sqlalchemy as sa

from serving.history.leads import LeadSent, keep_leads
from serving.jobs.checkpointing import PAUSE_US, Checkpointing
from serving.store.database import FILE, Store, open_store
from serving.store.schema import LEADS


def put(store: Store, mark: str) -> None:
    store.write(lambda connection: keep_leads(connection, [LeadSent("L", None, {"note": mark})], 1))


def test_what_was_committed_is_moved_into_the_file_by_the_worker(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    job = Checkpointing(store)
    put(store, "first-mark")
    assert b"first-mark" not in (tmp_path / FILE).read_bytes()
    assert job.step(PAUSE_US) is False
    assert b"first-mark" in (tmp_path / FILE).read_bytes()
    put(store, "second-mark")
    job.step(PAUSE_US + 1)
    assert b"second-mark" not in (tmp_path / FILE).read_bytes()
    job.step(2 * PAUSE_US)
    assert b"second-mark" in (tmp_path / FILE).read_bytes()
    store.close()


def test_it_waits_for_nobody_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    job = Checkpointing(store)
    put(store, "a")
    with store.reading() as reader:
        before = reader.execute(sa.select(LEADS.c.cells)).scalar_one()
        put(store, "b")
        job.step(PAUSE_US)
        assert reader.execute(sa.select(LEADS.c.cells)).scalar_one() == before
    store.write(lambda _writer: job.step(3 * PAUSE_US))
    store.close()


def test_every_kind_of_store_may_have_it(store: Store) -> None:
    put(store, "a")
    assert Checkpointing(store).step(PAUSE_US) is False
