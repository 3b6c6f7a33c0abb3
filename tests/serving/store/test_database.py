import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from features.errors import InputError
from serving.store.database import BeginAgainError, Store, StoreBusyError, open_store
from serving.store.schema import LEADS

LEAD = {"lead_id": "L-1", "updated_at": 0, "cells": {}}


def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    def fails(connection: sa.Connection) -> None:
        connection.execute(LEADS.insert().values(LEAD))
        raise RuntimeError("after the write")

    with pytest.raises(RuntimeError, match="after the write"):
        store.write(fails)
    with store.reading() as connection:
        assert connection.execute(LEADS.select()).all() == []


def test_writers_take_turns_and_no_count_is_lost(store: Store) -> None:
    store.write(lambda connection: connection.execute(LEADS.insert().values(LEAD)))

    def count_up(connection: sa.Connection) -> None:
        row = connection.execute(sa.select(LEADS.c.updated_at).with_for_update()).scalar_one()
        connection.execute(sa.update(LEADS).values(updated_at=row + 1))

    threads = [threading.Thread(target=lambda: [store.write(count_up) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.execute(sa.select(LEADS.c.updated_at)).scalar_one() == 80


def test_a_deadlock_is_tried_again(postgres_server: object) -> None:
    store = open_store(Path("unused"), postgres_server.database())  # type: ignore[attr-defined]  # a server
    rows = [LEAD | {"lead_id": name} for name in ("a", "b")]
    store.write(lambda connection: connection.execute(LEADS.insert().values(rows)))
    meet = threading.Barrier(2, timeout=10)
    tries = []

    def crosswise(first: str, second: str) -> None:
        def work(connection: sa.Connection) -> None:
            tries.append(first)
            for name in (first, second):
                of = sa.update(LEADS).where(LEADS.c.lead_id == name)
                connection.execute(of.values(updated_at=LEADS.c.updated_at + 1))
                if name == first and len(tries) <= 2:
                    meet.wait()

        store.write(work)

    threads = [threading.Thread(target=crosswise, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.execute(sa.select(LEADS.c.updated_at)).scalars().all() == [2, 2]
    assert len(tries) == 3
    store.close()


def test_what_is_to_begin_again_leaves_nothing_and_begins_again(store: Store) -> None:
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(len(tries))
        connection.execute(LEADS.insert().values(LEAD))
        if len(tries) < 3:
            raise BeginAgainError("somebody was faster")

    store.write(work)
    assert tries == [0, 1, 2]


def test_what_is_to_begin_again_for_ever_is_busy(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    def work(_connection: sa.Connection) -> None:
        raise BeginAgainError("somebody was faster")

    with pytest.raises(StoreBusyError, match="again and again"):
        store.write(work)
    store.close()


def test_a_store_whose_connections_are_all_in_use_is_busy() -> None:
    engine = sa.create_engine(
        "sqlite://", poolclass=sa.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05
    )
    store = Store(engine)
    with store.reading(), pytest.raises(StoreBusyError, match="every connection"):
        store.write(lambda _connection: None)
    store.close()


def test_a_store_that_another_process_holds_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.store.database.BUSY_TIMEOUT_MS", 50)
    one, other = open_store(tmp_path), open_store(tmp_path)

    def slow(_connection: sa.Connection) -> None:
        held.set()
        time.sleep(1)

    held = threading.Event()
    holder = threading.Thread(target=lambda: one.write(slow))
    holder.start()
    held.wait(5)
    with pytest.raises(StoreBusyError, match="held by others"):
        other.write(lambda connection: connection.execute(LEADS.insert().values(LEAD)))
    holder.join()
    one.close()
    other.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "the URL of a database, found something else"),
        ("mysql://u:secret@h/d", "PostgreSQL, found 'mysql'"),
        ("postgresql://u:secret@127.0.0.1:1/d", "a store that can be used"),
    ],
)
def test_a_store_that_cannot_be_is_said_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as told:
        open_store(tmp_path, url)
    assert "secret" not in str(told.value)
