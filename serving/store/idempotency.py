"""Requests with an Idempotency-Key: done once, and answered alike however often they are sent."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.dialects import take_turns
from serving.store.schema import IDEMPOTENCY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    Answer = Mapping[str, object] | Sequence[object]


_SALT_BYTES = 32


class MismatchError(ValueError):
    """An Idempotency-Key that came with another request before. A new request needs a new one."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a request was answered: the status of HTTP, and the body as JSON, without anything of a person."""

    status: int
    answer: Answer


def recall(
    connection: Connection, key_id: str, idempotency_key: str, request_sha256: str
) -> Remembered | None:
    """Return what this very request was answered; None where it is new, and may be done in this transaction.

    `key_id` is the API key's family: the keys of different callers have nothing to do with one another, those
    that were rotated from one another are one caller's. Until this transaction ends, another one with the
    same two keys waits here, so of two such requests at one time one is done and the other answered from it.
    Raises MismatchError where the request was another one.
    """
    key = _digest_of_key(key_id, idempotency_key)
    take_turns(connection, "idempotency", [key])
    row = connection.execute(IDEMPOTENCY.select().where(IDEMPOTENCY.c.key_sha256 == key)).first()
    if row is None:
        return None
    if row.request_sha256 != _salted(row.salt, request_sha256):
        raise MismatchError("this Idempotency-Key came with another request: use a new one for a new request")
    return Remembered(row.status, row.answer)


def remember(
    connection: Connection,
    key_id: str,
    idempotency_key: str,
    request_sha256: str,
    remembered: Remembered,
    now: int,
) -> None:
    """Keep an answer, in the transaction that `recall` found none in and that did what it says.

    Neither the key, in which a caller may name a person, nor a digest that a request could be tried out
    against by who has not this row's salt, is kept.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    connection.execute(
        IDEMPOTENCY.insert().values(
            key_sha256=_digest_of_key(key_id, idempotency_key),
            salt=salt,
            request_sha256=_salted(salt, request_sha256),
            status=remembered.status,
            answer=remembered.answer,
            at=now,
        )
    )


def forget_before(connection: Connection, moment: int) -> int:
    """Forget answers of before a moment (microseconds UTC), and return how many those were."""
    return connection.execute(sa.delete(IDEMPOTENCY).where(IDEMPOTENCY.c.at < moment)).rowcount


def _digest_of_key(key_id: str, idempotency_key: str) -> str:
    return hashlib.sha256(f"{key_id}\n{idempotency_key}".encode()).hexdigest()


def _salted(salt: bytes, request_sha256: str) -> str:
    return hashlib.sha256(salt + request_sha256.encode()).hexdigest()
