"""Whether the ledger still says what it said: the chain of seals, headers, payloads, and what they name."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.ledger.chain import BEFORE_THE_FIRST, header_line, payload_digest, seal_digest
from serving.ledger.seen_check import seen_faults
from serving.store.dialects import is_sqlite
from serving.store.schema import (
    LEDGER_HEADERS,
    LEDGER_PAYLOADS,
    LEDGER_SEALED,
    LEDGER_SEALS,
    LEDGER_UNSEALED,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from serving.store.database import Store

FAULTS_TOLD = 100
"""So many faults are told in words; beyond that they are counted."""

_ROWS_AT_ONCE = 1_000


@dataclass(slots=True, kw_only=True)
class Verified:
    """What a look through the whole ledger found.

    `headers` are all there are; of them `unsealed` wait for their seal, and of `erased` the payload is gone.
    `newest` is the digest of the last seal, None where there is none. `faults` say, in words, what is not as
    it was written, the first FAULTS_TOLD of `wrong`.
    """

    headers: int = 0
    unsealed: int = 0
    erased: int = 0
    seals: int = 0
    newest: str | None = None
    wrong: int = 0
    faults: list[str] = field(default_factory=list)

    def say(self, fault: str) -> None:
        """Count a fault, and keep it where there is room."""
        self.wrong += 1
        if len(self.faults) < FAULTS_TOLD:
            self.faults.append(fault)


def verify(
    store: Store, *, known_seal: str | None = None, told: Callable[[int, int], object] | None = None
) -> Verified:
    """Look through the whole ledger, as it stands at one moment, a seal at a time.

    `known_seal` is the digest of a seal that somebody noted elsewhere: it has to be in the chain, or the end
    of the chain was cut off, or all of it written anew. `told` hears how many of how many seals are done.
    """
    found = Verified()
    with store.reading() as connection, _as_it_is(connection):
        total = connection.execute(sa.select(sa.func.count()).select_from(LEDGER_SEALS)).scalar_one()
        previous, digests = BEFORE_THE_FIRST, set()
        for number, seal in enumerate(_seals(connection), start=1):
            previous = _check_seal(connection, seal, number, previous, found)
            digests.add(previous)
            if told is not None:
                told(number, total)
        found.newest = previous if found.seals else None
        if known_seal is not None and known_seal not in digests:
            found.say(f"No seal has the digest {known_seal}: the chain was cut off, or written anew.")
        _check_unsealed(connection, found)
        _check_strays(connection, found)
        for fault in seen_faults(connection):
            found.say(fault)
    return found


def _check_seal(connection: Connection, seal: Any, number: int, previous: str, found: Verified) -> str:
    """Check one seal and all that is under it, and return its digest as the chain goes on from it."""
    found.seals += 1
    name = f"Seal {seal.number}"
    if seal.number != number:
        found.say(f"{name} stands where seal {number} belongs: seals are missing, or numbered anew.")
    if seal.previous_sha256 != previous:
        found.say(f"{name} does not follow from the seal before it: the chain is broken between them.")
    rows = connection.execute(
        _UNDER_SEAL.where(LEDGER_SEALED.c.seal == seal.number).order_by(LEDGER_SEALED.c.position)
    ).all()
    missing = [row.sealed_id for row in rows if row.id is None]
    for record_id in missing:
        found.say(f"{name}: the header of record {record_id}, which it seals, is gone.")
    headers = [row for row in rows if row.id is not None]
    positions = [row.position for row in rows]
    if len(rows) != seal.headers or positions != list(range(len(rows))):
        found.say(f"{name} seals {seal.headers} headers; {len(rows)} are listed under it.")
    lines = [header_line(row) for row in headers]
    own = seal_digest(seal.number, seal.sealed_at, seal.previous_sha256, lines)
    is_whole = own == seal.sha256
    if not is_whole and not missing and len(rows) == seal.headers:
        span = f", from record {headers[0].id} to {headers[-1].id}" if headers else ""
        found.say(f"{name} does not match: it, or one of its {len(headers)} headers{span}, was changed.")
    for row in headers:
        _check_record(row, found, is_whole=is_whole)
    return str(seal.sha256)


def _check_record(row: Any, found: Verified, *, is_whole: bool) -> None:
    found.headers += 1
    if row.payload_id is None:
        found.erased += 1
        return
    try:
        digest = payload_digest(row._mapping, row._mapping)  # noqa: SLF001 - public, in spite of its name
    except (struct.error, TypeError) as problem:
        digest = f"none ({problem})"
    if digest != row.payload_sha256:
        changed = "its payload was changed" if is_whole else "its header or its payload was changed"
        found.say(f"Record {row.id}: {changed} after it was written.")


def _check_unsealed(connection: Connection, found: Verified) -> None:
    waits = LEDGER_UNSEALED.c.id.label("waiting_id")
    query = (
        _records(waits)
        .select_from(
            LEDGER_HEADERS.outerjoin(LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_HEADERS.c.id)
            .outerjoin(LEDGER_SEALED, LEDGER_SEALED.c.id == LEDGER_HEADERS.c.id)
            .outerjoin(LEDGER_UNSEALED, LEDGER_UNSEALED.c.id == LEDGER_HEADERS.c.id)
        )
        .where(LEDGER_SEALED.c.id.is_(None))
    )
    for row in connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        found.unsealed += 1
        _check_record(row, found, is_whole=False)
        if row.waiting_id is None:
            found.say(
                f"Record {row.id} is under no seal, and waits for none: it was slipped in, or its id changed."
            )


def _check_strays(connection: Connection, found: Verified) -> None:
    """Look for rows that belong to nothing."""
    seals, headers = sa.select(LEDGER_SEALS.c.number), sa.select(LEDGER_HEADERS.c.id)
    lost = sa.select(LEDGER_SEALED.c.id, LEDGER_SEALED.c.seal).where(LEDGER_SEALED.c.seal.not_in(seals))
    for row in connection.execute(lost):
        found.say(f"Record {row.id} is listed under seal {row.seal}, which is not there.")
    for table, what in ((LEDGER_PAYLOADS, "A payload"), (LEDGER_UNSEALED, "A place in the queue for seals")):
        for record_id in connection.execute(
            sa.select(table.c.id).where(table.c.id.not_in(headers))
        ).scalars():
            found.say(f"{what} is there for record {record_id}, which has no header.")
    sealed = sa.select(LEDGER_SEALED.c.id)
    for record_id in connection.execute(
        sa.select(LEDGER_UNSEALED.c.id).where(LEDGER_UNSEALED.c.id.in_(sealed))
    ).scalars():
        found.say(f"Record {record_id} is sealed, and waits for a seal all the same.")


def _raw(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a column as the driver gives it: what was tampered with need not be of its type any more."""
    return sa.type_coerce(column, sa.types.NULLTYPE)


def _records(*more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    payload = [_raw(column).label(column.name) for column in LEDGER_PAYLOADS.c if column.name != "id"]
    headers = [_raw(column).label(column.name) for column in LEDGER_HEADERS.c]
    return sa.select(*headers, *payload, LEDGER_PAYLOADS.c.id.label("payload_id"), *more)


_UNDER_SEAL = _records(LEDGER_SEALED.c.id.label("sealed_id"), LEDGER_SEALED.c.position).select_from(
    LEDGER_SEALED.outerjoin(LEDGER_HEADERS, LEDGER_HEADERS.c.id == LEDGER_SEALED.c.id).outerjoin(
        LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_SEALED.c.id
    )
)


def _seals(connection: Connection) -> Iterator[Any]:
    """Yield the seals in order, some at a time."""
    after = None
    while True:
        query = sa.select(*map(_raw, LEDGER_SEALS.c)).order_by(LEDGER_SEALS.c.number).limit(_ROWS_AT_ONCE)
        rows = connection.execute(
            query if after is None else query.where(LEDGER_SEALS.c.number > after)
        ).all()
        yield from rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1].number


@contextmanager
def _as_it_is(connection: Connection) -> Iterator[None]:
    """Read all tables as of one moment, and also text that is none any more."""
    if not is_sqlite(connection):
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str
