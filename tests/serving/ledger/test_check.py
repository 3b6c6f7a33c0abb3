"""Whatever is changed behind the ledger's back, the check says that it was, and where."""

import math
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from made_records import NOW, all_of, appended

from serving.ledger.chain import seal
from serving.ledger.check import FAULTS_TOLD, verify
from serving.store.database import FILE, Store, open_store
from serving.store.schema import (
    LEDGER_HEADERS,
    LEDGER_PAYLOADS,
    LEDGER_SEALED,
    LEDGER_SEALS,
    LEDGER_UNSEALED,
    MODELS_SEEN,
    POLICIES_SEEN,
)

TABLES = (LEDGER_HEADERS, LEDGER_PAYLOADS, LEDGER_SEALS, LEDGER_SEALED, LEDGER_UNSEALED)
SEEN = (POLICIES_SEEN, MODELS_SEEN)
COLUMNS = [(table, column.name) for table in TABLES for column in table.c]


def guardless(store: Store) -> Store:
    """Two seals of three headers each, one of them without its payload, and two headers without a seal.

    What makes the database refuse changes is taken away, as somebody with its password can.
    """
    for later in (0, 1):
        ids = appended(store, 3, NOW + later)
        store.write(lambda c: seal(c, NOW + 5))
    store.write(lambda c: c.execute(sa.delete(LEDGER_PAYLOADS).where(LEDGER_PAYLOADS.c.id == ids[0])))
    appended(store, 2, NOW + 2)
    for table in ("ledger_headers", "ledger_seals", "ledger_sealed"):
        guards = [f"{table}_no_update", f"{table}_no_delete"] if store.is_sqlite else [f"{table}_append_only"]
        on = "" if store.is_sqlite else f" ON {table}"
        for guard in guards:
            store.write(lambda c, said=f"DROP TRIGGER {guard}{on}": c.execute(sa.text(said)))
    return store


def change(store: Store, table: sa.Table, at: dict[str, Any], to: dict[str, Any]) -> None:
    """Write `to` into the row whose primary key is that of `at`."""
    own = sa.and_(*(column == at[column.name] for column in table.primary_key))
    store.write(lambda c: c.execute(sa.update(table).where(own).values(to)))


def other_than(value: Any) -> Any:
    if value is None:
        return 0.25
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, float):
        return math.nextafter(value, 9)
    return value + 1_000 if isinstance(value, int) else ("0" if value[0] != "0" else "1") + value[1:]


def places(row: dict[str, Any]) -> set[str]:
    """How a fault may say where a row is."""
    said = {f"Record {row['id']}", f"record {row['id']}"} if "id" in row else set()
    return said | {f"Seal {row[name]} " for name in ("number", "seal") if name in row}


def test_a_ledger_that_nobody_touched_is_whole(store: Store) -> None:
    found = verify(guardless(store))
    assert (found.headers, found.unsealed, found.erased, found.seals) == (8, 2, 1, 2)
    assert found.faults == []
    digests = {row.number: row.sha256 for row in all_of(store, LEDGER_SEALS)}
    assert found.newest == digests[2]
    assert [verify(store, known_seal=digest).wrong for digest in digests.values()] == [0, 0]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_a_changed_value_is_found_in_every_column_of_every_row(store: Store, table: sa.Table) -> None:
    rows = [row._asdict() for row in all_of(guardless(store), table)]
    kept = {row.id for row in all_of(store, LEDGER_PAYLOADS)}
    for was in rows:
        for name in was:
            now = was | {name: other_than(was[name])}
            change(store, table, was, now)
            said = "\n".join(verify(store).faults)
            # Where a payload was erased, the seal alone knows the header.
            by_seal = (
                {"Seal 2 does not match"} if table is LEDGER_HEADERS and was["id"] not in kept else set()
            )
            assert any(place in said for place in places(was) | places(now) | by_seal), (name, said)
            change(store, table, now, was)
    assert verify(store).wrong == 0


def test_facts_that_were_taken_out_are_missed(store: Store) -> None:
    for row in [row._asdict() for row in all_of(guardless(store), LEDGER_PAYLOADS)]:
        change(store, LEDGER_PAYLOADS, row, row | {"facts": None})
        assert [row["id"] in fault for fault in verify(store).faults] == [True]
        change(store, LEDGER_PAYLOADS, row, row)


@pytest.mark.parametrize("name", ["margin", "expected_margin"])
def test_a_margin_that_was_taken_out_is_missed(store: Store, name: str) -> None:
    rows = [row._asdict() for row in all_of(guardless(store), LEDGER_PAYLOADS)]
    had = [row for row in rows if row[name] is not None]
    assert 0 < len(had) < len(rows)
    for row in had:
        change(store, LEDGER_PAYLOADS, row, row | {name: None})
        assert [row["id"] in fault for fault in verify(store).faults] == [True]
        change(store, LEDGER_PAYLOADS, row, row)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_a_row_that_was_taken_out_is_missed(store: Store, table: sa.Table) -> None:
    for row in all_of(guardless(store), table):
        own = sa.and_(*(column == row._asdict()[column.name] for column in table.primary_key))
        store.write(lambda c, own=own: c.execute(sa.delete(table).where(own)))
        found = verify(store)
        assert found.wrong or (
            table is LEDGER_PAYLOADS and found.erased == 2
        )  # which is allowed, and counted
        store.write(lambda c, row=row: c.execute(table.insert().values(row._asdict())))
    assert verify(store).wrong == 0


def test_a_chain_whose_end_was_cut_off_is_missed_by_who_noted_its_seal(store: Store) -> None:
    newest = verify(guardless(store)).newest
    under = sa.select(LEDGER_SEALED.c.id).where(LEDGER_SEALED.c.seal == 2)
    with store.reading() as connection:
        ids = list(connection.execute(under).scalars())
    for table, own in (
        (LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id.in_(ids)),
        (LEDGER_HEADERS, LEDGER_HEADERS.c.id.in_(ids)),
        (LEDGER_SEALED, LEDGER_SEALED.c.seal == 2),
        (LEDGER_SEALS, LEDGER_SEALS.c.number == 2),
    ):
        store.write(lambda c, table=table, own=own: c.execute(sa.delete(table).where(own)))
    assert verify(store).wrong == 0
    [fault] = verify(store, known_seal=newest).faults
    assert "cut off" in fault


def test_a_record_that_was_slipped_in_is_found(store: Store) -> None:
    slipped = appended(guardless(store), 1, NOW - 7)
    queue = sa.delete(LEDGER_UNSEALED).where(LEDGER_UNSEALED.c.id.in_(slipped))
    store.write(lambda c: c.execute(queue))
    [fault] = verify(store).faults
    assert slipped[0] in fault
    assert "slipped in" in fault


@pytest.mark.parametrize("table", SEEN, ids=lambda table: str(table.name))
def test_what_records_name_is_missed_where_it_is_gone(store: Store, table: sa.Table) -> None:
    appended(store, 3)
    store.write(lambda c: seal(c, NOW))
    assert verify(store).faults == []
    store.write(lambda c: c.execute(sa.delete(table)))
    [fault] = verify(store).faults
    assert all(word in fault for word in ("gone", "record"))


@pytest.mark.parametrize("content", [{"score_threshold": 71}, {}, None, [1], "70"])
def test_a_policy_that_was_changed_is_found(store: Store, content: Any) -> None:
    appended(store, 3)
    changed = sa.update(POLICIES_SEEN).values(content=sa.JSON.NULL if content is None else content)
    store.write(lambda c: c.execute(changed))
    [fault] = verify(store).faults
    assert "was changed after it was written" in fault


def test_a_policy_that_is_no_json_any_more_is_found(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    appended(store, 1)
    for content in ("'{'", "x'ff'", "7.5", "'" + "[" * 100_000 + "'"):
        said = sa.text(f"UPDATE policies_seen SET content = {content}")  # noqa: S608 - names of our own
        store.write(lambda c, said=said: c.execute(said))
        [fault] = verify(store).faults
        assert "was changed after it was written" in fault
    store.close()


@pytest.mark.parametrize("column", ["name", "version", "sha256"])
def test_a_model_that_is_called_otherwise_is_missed(store: Store, column: str) -> None:
    appended(store, 2)
    [seen] = all_of(store, MODELS_SEEN)
    change(store, MODELS_SEEN, seen._asdict(), {column: other_than(getattr(seen, column))})
    [fault] = verify(store).faults
    assert "version 3" in fault


def test_of_many_faults_the_first_are_told_and_all_are_counted(store: Store) -> None:
    appended(store, FAULTS_TOLD + 20)
    store.write(lambda c: c.execute(sa.update(LEDGER_PAYLOADS).values(lead=-1)))
    found = verify(store)
    assert (found.wrong, len(found.faults)) == (FAULTS_TOLD + 20, FAULTS_TOLD)


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    home = tmp_path_factory.mktemp("flipped")
    store = guardless(open_store(home))
    yield store, home / FILE
    store.close()


@given(
    where=st.sampled_from(COLUMNS), row=st.integers(0, 7), byte=st.integers(0, 10_000), bit=st.integers(0, 7)
)
def test_any_flipped_bit_is_found(
    flipped: tuple[Store, Path], where: tuple[sa.Table, str], row: int, byte: int, bit: int
) -> None:
    store, path = flipped
    table, name = where
    with sqlite3.connect(path) as raw:
        rows = raw.execute(f"SELECT rowid, CAST({name} AS BLOB), {name} FROM {table.name}").fetchall()  # noqa: S608 - names of our own
        rowid, held, value = rows[row % len(rows)]
        assume(value is not None)  # a score in points has no margin, and so no bit of one
        marks, now = flip(held, value, byte, bit)
        assume(now is not None)
        try:
            raw.execute(f"UPDATE {table.name} SET {name} = {marks} WHERE rowid = ?", (now, rowid))  # noqa: S608 - as above
        except sqlite3.IntegrityError:
            reject()  # two rows would be the same: that the database itself does not take
    if name == "number" and table is LEDGER_SEALS:
        rowid = now
    try:
        said = verify(store)
        assert said.wrong, (table.name, name, row)
        assert all("Seal " in fault or "ecord " in fault for fault in said.faults)
    finally:
        with sqlite3.connect(path) as raw:
            mark = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            raw.execute(f"UPDATE {table.name} SET {name} = {mark} WHERE rowid = ?", (value, rowid))  # noqa: S608 - as above
        raw.close()
    assert verify(store).wrong == 0


def flip(held: bytes, value: Any, byte: int, bit: int) -> tuple[str, Any]:
    """Return a place-holder and a value in which one bit is another one; None where SQLite cannot hold it."""
    if isinstance(value, float):
        packed = bytearray(struct.pack("<d", value))
        packed[byte % 8] ^= 1 << bit
        [other] = struct.unpack("<d", packed)
        return "?", None if math.isnan(other) else other
    if isinstance(value, int):
        return "?", value ^ (1 << (byte % 6 * 8 + bit))
    raw = bytearray(held)
    raw[byte % len(raw)] ^= 1 << bit
    return ("CAST(? AS TEXT)" if isinstance(value, str) else "?"), bytes(raw)
