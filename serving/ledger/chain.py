"""The ledger: every score of a stored lead that was recorded, in a chain that nobody can change unseen."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from serving.ledger.record_ids import first_record_id, new_record_id
from serving.store import advisory_locks
from serving.store.dialects import in_batches, is_sqlite
from serving.store.schema import (
    LEDGER_HEADERS,
    LEDGER_PAYLOADS,
    LEDGER_SEALED,
    LEDGER_SEALS,
    LEDGER_UNSEALED,
    compressed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Row

HEADERS_IN_A_SEAL = 1_000
"""The most headers under one seal, so that a seal is made and checked in little time and memory."""

BEFORE_THE_FIRST = "0" * 64
"""What the first seal names as the digest of the one before it."""

_SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A score that was given to a stored lead.

    `lead` is the lead's number when it was scored, `as_of` its moment in microseconds UTC. `answer` is the
    JSON text of the answer with all reasons, `facts` that of what the policy knew of the lead. `vector` and
    `contributions` are float64 (features,); the margins are log-odds, None of a score without any.
    """

    lead: int
    as_of: int
    model_name: str
    model_version: int | None
    model_sha256: str | None
    policy_sha256: str
    answer: str
    vector: NDArray[np.float64]
    contributions: NDArray[np.float64]
    margin: float | None
    expected_margin: float | None
    facts: str | None = None


def append(connection: Connection, records: Sequence[Record], now: int) -> list[str]:
    """Append records, which wait for the next seal, and return their ids. `now` in microseconds UTC."""
    if not records:
        return []
    ids = [new_record_id(now) for _ in records]
    payloads = [_payload(record_id, record) for record_id, record in zip(ids, records, strict=True)]
    headers = [_header(record, payload, now) for record, payload in zip(records, payloads, strict=True)]
    connection.execute(LEDGER_HEADERS.insert(), headers)
    connection.execute(LEDGER_PAYLOADS.insert(), payloads)
    connection.execute(LEDGER_UNSEALED.insert(), [{"id": record_id} for record_id in ids])
    return ids


def seal(connection: Connection, now: int) -> int:
    """Seal headers that have no seal yet, at most HEADERS_IN_A_SEAL, and return how many.

    Whichever transactions end first, each header comes under one seal: sealers take turns, and each sees
    what those before it have sealed.
    """
    if not is_sqlite(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(advisory_locks.SEALING)))
    waiting = sa.select(LEDGER_HEADERS).join(LEDGER_UNSEALED, LEDGER_UNSEALED.c.id == LEDGER_HEADERS.c.id)
    headers = connection.execute(waiting.order_by(LEDGER_HEADERS.c.id).limit(HEADERS_IN_A_SEAL)).all()
    if not headers:
        return 0
    newest = connection.execute(
        sa.select(LEDGER_SEALS.c.number, LEDGER_SEALS.c.sha256)
        .order_by(LEDGER_SEALS.c.number.desc())
        .limit(1)
    ).first()
    number, previous = (1, BEFORE_THE_FIRST) if newest is None else (newest.number + 1, newest.sha256)
    digest = seal_digest(number, now, previous, [header_line(row) for row in headers])
    connection.execute(
        LEDGER_SEALS.insert().values(
            number=number, sealed_at=now, headers=len(headers), previous_sha256=previous, sha256=digest
        )
    )
    sealed = [{"id": row.id, "seal": number, "position": at} for at, row in enumerate(headers)]
    connection.execute(LEDGER_SEALED.insert(), sealed)
    connection.execute(
        sa.delete(LEDGER_UNSEALED).where(LEDGER_UNSEALED.c.id.in_([row.id for row in headers]))
    )
    return len(headers)


def erase_payloads(connection: Connection, lead_numbers: Iterable[int]) -> int:
    """Erase what was recorded about leads, and return how many payloads went. The headers stay.

    A record is of the lead that was scored: for one that took others in, name their numbers too.
    """
    return sum(
        connection.execute(sa.delete(LEDGER_PAYLOADS).where(LEDGER_PAYLOADS.c.lead.in_(batch))).rowcount
        for batch in in_batches(lead_numbers)
    )


def erase_before(connection: Connection, moment: int, *, most: int | None = None) -> int:
    """Erase the payloads of records made before a moment (microseconds UTC), the oldest first.

    Returns how many went, at most `most` (None: all). The headers stay.
    """
    old = sa.select(LEDGER_PAYLOADS.c.id).where(LEDGER_PAYLOADS.c.id < first_record_id(moment))
    oldest = old.order_by(LEDGER_PAYLOADS.c.id).limit(most)
    return connection.execute(
        sa.delete(LEDGER_PAYLOADS).where(LEDGER_PAYLOADS.c.id.in_(oldest.scalar_subquery()))
    ).rowcount


def packed(numbers: NDArray[np.float64]) -> bytes:
    """Return numbers as the ledger keeps them: little-endian doubles, compressed."""
    return zlib.compress(np.ascontiguousarray(numbers, "<f8").tobytes())


def unpacked(content: bytes) -> NDArray[np.float64]:
    """Return what `packed` was given, to the bit. Raises ValueError where it was not packed so."""
    try:
        return np.frombuffer(zlib.decompress(content), "<f8").astype(np.float64)
    except zlib.error as problem:
        raise ValueError(f"the numbers cannot be unpacked: {problem}") from problem


def header_line(header: Row[Any]) -> str:
    """Return the canonical text of a header: a JSON array of all it says, on one line."""
    return _line([*_versions(header._mapping), header.payload_sha256])  # noqa: SLF001 - public, in spite of its name


def seal_digest(number: int, sealed_at: int, previous: str, headers: Sequence[str]) -> str:
    """Return the digest of a seal: SHA-256 of its own line and the lines of its headers, in order."""
    own = _line([number, sealed_at, len(headers), previous])
    return hashlib.sha256("\n".join([own, *headers]).encode()).hexdigest()


def payload_digest(header: Any, payload: Any) -> str:
    """Return the salted digest of a payload (both as mappings of columns), bound to the rest of its header.

    It is SHA-256 over the parts, each after its length as eight bytes, so that no two payloads give the
    same bytes; with the salt it is gone too what could be tried out against it.
    """
    parts = (
        as_bytes(payload["salt"]),
        _line(_versions(header)).encode(),
        str(payload["lead"]).encode(),
        as_bytes(payload["answer"]),
        as_bytes(payload["vector"]),
        as_bytes(payload["contributions"]),
        as_double(payload["margin"]),
        as_double(payload["expected_margin"]),
        *(() if payload["facts"] is None else (as_bytes(payload["facts"]),)),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def as_double(number: Any) -> bytes:
    """Return a number as a little-endian double, and None as no bytes. Raises struct.error for the rest."""
    return b"" if number is None else struct.pack("<d", number)


def as_bytes(value: Any) -> bytes:
    """Return what a column holds as bytes, whatever kind of value somebody put there."""
    return (
        bytes(value)
        if isinstance(value, bytes | memoryview)
        else str(value).encode("utf-8", "surrogateescape")
    )


def _payload(record_id: str, record: Record) -> dict[str, Any]:
    return {
        "id": record_id,
        "lead": record.lead,
        "salt": secrets.token_bytes(_SALT_BYTES),
        "answer": compressed(record.answer),
        "vector": packed(record.vector),
        "contributions": packed(record.contributions),
        "margin": record.margin,
        "expected_margin": record.expected_margin,
        "facts": None if record.facts is None else compressed(record.facts),
    }


def _header(record: Record, payload: dict[str, Any], now: int) -> dict[str, Any]:
    header = {
        "id": payload["id"],
        "recorded_at": now,
        "as_of": record.as_of,
        "model_name": record.model_name,
        "model_version": record.model_version,
        "model_sha256": record.model_sha256,
        "policy_sha256": record.policy_sha256,
    }
    return header | {"payload_sha256": payload_digest(header, payload)}


_VERSIONS = ("id", "recorded_at", "as_of", "model_name", "model_version", "model_sha256", "policy_sha256")


def _line(values: list[Any]) -> str:
    return json.dumps(values, default=repr)  # by its default also what only tampering puts there


def _versions(header: Any) -> list[Any]:
    return [header[name] for name in _VERSIONS]
