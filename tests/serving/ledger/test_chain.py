import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_records import NOW, all_of, appended
from postgres import Postgres

from serving.access.audit_log import note_act
from serving.ledger.chain import (
    HEADERS_IN_A_SEAL,
    erase_before,
    erase_payloads,
    packed,
    payload_digest,
    seal,
    unpacked,
)
from serving.ledger.check import verify
from serving.ledger.record_ids import first_record_id, new_record_id
from serving.store.database import FILE, Store, open_store
from serving.store.schema import (
    LEDGER_HEADERS,
    LEDGER_PAYLOADS,
    LEDGER_SEALED,
    LEDGER_SEALS,
    METADATA,
    compressed,
)


@given(arrays(np.float64, st.integers(0, 50), elements=st.floats(width=64, allow_subnormal=True)))
def test_numbers_are_packed_and_unpacked_to_the_bit(numbers: np.ndarray) -> None:
    assert unpacked(packed(numbers)).tobytes() == numbers.tobytes()


@given(st.integers(0, 2**47 * 1_000 - 2), st.integers(1, 10**12))
def test_ids_sort_by_their_moment(moment: int, later: int) -> None:
    record_id = new_record_id(moment)
    assert len(record_id) == 32
    assert first_record_id(moment) <= record_id < first_record_id(min(moment + later, 2**48 * 1_000 - 1))
    assert record_id[12] == "7"


def test_no_two_payloads_give_the_same_bytes_to_the_digest(store: Store) -> None:
    appended(store, 1)
    [header], [payload] = all_of(store, LEDGER_HEADERS), all_of(store, LEDGER_PAYLOADS)
    said = {"answer": compressed(payload.answer), "facts": compressed(payload.facts)}
    whole = payload._asdict() | said
    assert payload_digest(header._asdict(), whole) == header.payload_sha256
    moved = whole | {
        "vector": whole["vector"][:-1],
        "contributions": whole["vector"][-1:] + whole["contributions"],
    }
    assert payload_digest(header._asdict(), moved) != header.payload_sha256


def test_each_header_is_sealed_once_in_the_order_of_its_id(store: Store) -> None:
    first, second = appended(store, 3), appended(store, 2, NOW + 1)
    assert [store.write(lambda c: seal(c, NOW + 9)) for _ in range(2)] == [5, 0]
    third = appended(store, 1, NOW + 2)
    assert store.write(lambda c: seal(c, NOW + 10)) == 1
    sealed = sorted((row.seal, row.position, row.id) for row in all_of(store, LEDGER_SEALED))
    assert [row[2] for row in sealed] == [*sorted(first), *sorted(second), *third]
    assert [row[0] for row in sealed] == [1] * 5 + [2]
    found = verify(store)
    assert (found.headers, found.unsealed, found.seals, found.wrong) == (6, 0, 2, 0)


def test_a_header_that_is_committed_late_is_sealed_all_the_same(store: Store) -> None:
    newer = appended(store, 2, NOW + 5)
    store.write(lambda c: seal(c, NOW + 6))
    [late] = appended(store, 1, NOW)
    assert late < min(newer)
    assert store.write(lambda c: seal(c, NOW + 7)) == 1
    assert verify(store).wrong == 0


def test_a_seal_holds_so_many_headers_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert HEADERS_IN_A_SEAL == 1_000
    monkeypatch.setattr("serving.ledger.chain.HEADERS_IN_A_SEAL", 4)
    appended(store, 10)
    assert [store.write(lambda c: seal(c, NOW)) for _ in range(4)] == [4, 4, 2, 0]
    assert verify(store).seals == 3


def test_sealers_and_writers_at_once_seal_each_header_once(store: Store) -> None:
    stop = threading.Event()
    counts: list[int] = []

    def write() -> None:
        for _ in range(10):
            appended(store, 3)

    def seal_on() -> None:
        while True:
            was_last = stop.is_set()
            sealed = store.write(lambda c: seal(c, NOW))
            counts.append(sealed)
            if was_last and not sealed:
                return

    sealers = [threading.Thread(target=seal_on) for _ in range(4)]
    writers = [threading.Thread(target=write) for _ in range(2)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    assert sum(counts) == 60
    sealed = all_of(store, LEDGER_SEALED)
    assert len(sealed) == len({row.id for row in sealed}) == 60
    numbers = sorted(row.number for row in all_of(store, LEDGER_SEALS))
    assert numbers == list(range(1, len(numbers) + 1))
    assert verify(store).wrong == 0


def test_erasing_payloads_leaves_the_chain_whole(store: Store) -> None:
    ids = appended(store, 6)
    store.write(lambda c: seal(c, NOW))
    assert store.write(lambda c: erase_payloads(c, [2, 3, 77])) == 2
    found = verify(store)
    assert (found.headers, found.erased, found.wrong) == (6, 2, 0)
    assert {row.id for row in all_of(store, LEDGER_PAYLOADS)} == {ids[n] for n in (0, 1, 4, 5)}
    assert store.write(lambda c: erase_before(c, NOW + 1)) == 4
    assert (verify(store).erased, verify(store).wrong) == (6, 0)


def test_what_is_older_than_a_moment_is_erased_the_oldest_first(store: Store) -> None:
    old, new = appended(store, 3, NOW - 10), appended(store, 2, NOW)
    assert store.write(lambda c: erase_before(c, NOW - 10)) == 0
    assert store.write(lambda c: erase_before(c, NOW, most=2)) == 2
    assert store.write(lambda c: erase_before(c, NOW, most=2)) == 1
    assert {row.id for row in all_of(store, LEDGER_PAYLOADS)} == set(new)
    assert {row.id for row in all_of(store, LEDGER_HEADERS)} == {*old, *new}


@pytest.mark.parametrize("table", ["ledger_headers", "ledger_seals", "ledger_sealed"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_ledger(store: Store, table: str, act: str) -> None:
    appended(store, 1)
    store.write(lambda c: seal(c, NOW))
    statement = act.format(table).replace(
        "SET id = id", "SET number = number" if "seals" in table else "SET id = id"
    )
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        store.write(lambda c: c.execute(sa.text(statement)))


APPENDED_ONLY = ("ledger_headers", "ledger_seals", "ledger_sealed", "audit_log")


def filled(store: Store) -> None:
    appended(store, 2)
    store.write(lambda c: seal(c, NOW))
    store.write(lambda c: note_act(c, NOW, "key-1", "key made"))


@pytest.mark.parametrize("table", APPENDED_ONLY)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "UPDATE OR REPLACE"])
def test_no_program_replaces_a_row_that_is_only_appended_to(tmp_path: Path, table: str, verb: str) -> None:
    store = open_store(tmp_path)
    filled(store)
    key = "number" if table in {"ledger_seals", "audit_log"} else "id"
    with closing(sqlite3.connect(tmp_path / FILE)) as other:  # as any other program connects
        before = other.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names of our own
        said = f"{verb} INTO {table} SELECT * FROM {table}"  # noqa: S608 - as above
        if verb == "UPDATE OR REPLACE":
            said = f"{verb} {table} SET {key} = {key}"
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(said)
        assert other.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608 - as above
    store.close()


def test_no_program_replaces_a_row_by_what_else_is_unique_in_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    filled(store)
    headers = "ledger_headers (rowid, id, recorded_at, as_of, model_name, policy_sha256, payload_sha256)"
    new = (
        "ledger_sealed VALUES ('new', 1, 0)",
        "ledger_sealed (rowid, id, seal, position) VALUES (1, 'new', 9, 9)",
        f"{headers} VALUES (1, 'new', 0, 0, '', '', '')",
    )
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        for statement in new:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                other.execute(f"INSERT OR REPLACE INTO {statement}")
    assert verify(store).wrong == 0
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA recursive_triggers").scalar() == 1
    store.close()


@pytest.mark.parametrize("table", APPENDED_ONLY)
def test_postgresql_refuses_to_empty_what_is_only_appended_to(postgres_server: Postgres, table: str) -> None:
    store = open_store(Path(), postgres_server.database())
    filled(store)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        store.write(lambda c: c.execute(sa.text(f"TRUNCATE {table} CASCADE")))
    assert all_of(store, METADATA.tables[table])
    store.close()
