"""Reaching the store's database: how long it may take to answer, and what its errors mean to a caller."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from errno import EDQUOT, EFBIG, ENOSPC, EROFS
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.wire.problems import Problem, named_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_SECONDS = 5
LOCK_SECONDS = 10
POOL_SECONDS = 5
_KEEPALIVES = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A machine that vanished is noticed within about half a minute."""

PASSING = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for what goes away when it is tried again: serialization failures and deadlocks."""

_HELD = frozenset({"57014", "55P03"})
"""A statement, or the wait for a lock, that took longer than its limit."""

_AWAY = ("08", "57P", "53", "25006")
"""The connection broke, the server stops or starts, has no room for another, or only reads now."""

_STARTS_OR_STOPS = ("starting up", "shutting down", "recovery", "terminating", "too many", "reserved for")
"""What a server that refuses a connection says of itself; else it is the caller who is refused."""

_NO_ROOM = "53100"
_UNWRITABLE = (
    "SQLITE_FULL",
    "SQLITE_READONLY",
    *(f"SQLITE_IOERR_{what}" for what in ("WRITE", "FSYNC", "TRUNCATE", "SHMSIZE", "SHMMAP")),
)
"""SQLite's names for a disk that is full, or has become one that cannot be written."""


class StoreBusyError(RuntimeError):
    """Others held the store for too long. Nothing was written; the same request may be sent again."""


class StoreAwayError(StoreBusyError):
    """The database does not answer. What was being written may have been, or not."""


class StoreFullError(StoreBusyError):
    """The store's disk is full or cannot be written. Nothing was written; what is there may be read still."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for PostgreSQL: `statement_seconds` for one statement, None as long as it takes."""

    statement_seconds: float | None = None

    @classmethod
    def within(cls, answer_seconds: float) -> Limits:
        """Return limits with which an answer is an answer, or a refusal, in time."""
        return cls(max(answer_seconds / 3, 0.5))

    @property
    def pool_seconds(self) -> float:
        """How long to wait for a connection that others use."""
        return POOL_SECONDS if self.statement_seconds is None else min(POOL_SECONDS, self.statement_seconds)

    def arguments(self, own: Any) -> dict[str, Any]:
        """Return the arguments of a connection; what the address says itself (`own`, by name) wins."""
        options = str(own.get("options", ""))
        seconds = self.statement_seconds
        if seconds is not None:
            limits = {"statement_timeout": seconds, "lock_timeout": min(LOCK_SECONDS, seconds)}
            said = " ".join(f"-c {name}={int(value * 1_000)}" for name, value in limits.items())
            options = f"{said} {options}"
        connect = CONNECT_SECONDS if seconds is None else max(2, min(CONNECT_SECONDS, int(seconds)))
        given = {"connect_timeout": connect, **_KEEPALIVES}
        return {name: value for name, value in given.items() if name not in own} | (
            {"options": options} if options else {}
        )


@contextmanager
def in_words(*, is_sqlite: bool) -> Iterator[None]:
    """Say of the database's errors within what they mean: a StoreBusyError of some kind, or themselves."""
    try:
        yield
    except sa.exc.TimeoutError as problem:  # waiting for a connection of the pool
        raise StoreBusyError("every connection to the store is in use") from problem
    except sa.exc.DBAPIError as problem:
        meant = _meant(problem, is_sqlite=is_sqlite)
        if meant is None:
            raise
        raise meant from problem


def _meant(problem: sa.exc.DBAPIError, *, is_sqlite: bool) -> StoreBusyError | None:
    """Return what an error of the database means to a caller; None where it is a mistake of the program."""
    if _is_full(problem):
        return StoreFullError("the store cannot be written")
    is_of_operation = isinstance(problem, (sa.exc.OperationalError, sa.exc.InterfaceError))
    if is_of_operation and _is_held(problem):
        return StoreBusyError("the store is held by others")
    if is_sqlite:
        return StoreAwayError("the store's file cannot be used") if _is_unusable(problem) else None
    if is_of_operation and _is_away(problem):
        return StoreAwayError("the database does not answer")
    return None


def problem_of(problem: StoreBusyError) -> Problem:
    """Return how a request is refused that the store could not answer."""
    if isinstance(problem, StoreFullError):
        return disk_full()
    if isinstance(problem, StoreAwayError):
        detail = "The store does not answer. What was sent may have been kept, or not: send it again."
        return named_problem("store-away", detail, retry_after="5")
    detail = "The store is held by others. Nothing was written: send the request again."
    return named_problem("busy", detail, retry_after="2")


def disk_full() -> Problem:
    """Return how a request is refused that needs room on a disk that has none."""
    detail = "The disk is full, or cannot be written. Nothing was kept: send it again once there is room."
    return named_problem("disk-full", detail, retry_after="30")


def has_no_room(problem: BaseException) -> bool:
    """Whether the system said that a disk is full or a file too large, or cannot be written any more."""
    return isinstance(problem, OSError) and problem.errno in {ENOSPC, EFBIG, EDQUOT, EROFS}


def goes_away(problem: Exception) -> bool:
    """Whether a transaction that failed so can be done again at once."""
    return isinstance(problem, sa.exc.DBAPIError) and getattr(problem.orig, "sqlstate", None) in PASSING


def may_pass(problem: sa.exc.DBAPIError | StoreBusyError) -> bool:
    """Whether a store that cannot be opened is away for a while, and not wrong: another password or file."""
    cause = problem.__cause__ if isinstance(problem, StoreBusyError) else problem
    said = getattr(cause, "orig", None)
    name = getattr(said, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith((*_UNWRITABLE, "SQLITE_BUSY", "SQLITE_LOCKED"))
    if not isinstance(problem, StoreBusyError):
        return False
    refused = str(said)  # an error of connecting has no code
    return "FATAL" not in refused or any(word in refused for word in _STARTS_OR_STOPS)


def _is_held(problem: sa.exc.DBAPIError) -> bool:
    code = getattr(problem.orig, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return True
    return goes_away(problem) or getattr(problem.orig, "sqlstate", None) in _HELD


def _is_full(problem: sa.exc.DBAPIError) -> bool:
    name = getattr(problem.orig, "sqlite_errorname", "") or ""
    return name.startswith(_UNWRITABLE) or getattr(problem.orig, "sqlstate", None) == _NO_ROOM


def _is_unusable(problem: sa.exc.DBAPIError) -> bool:
    """Whether SQLite's file is gone, damaged, or another's: whatever is asked of it fails."""
    name = getattr(problem.orig, "sqlite_errorname", "") or ""
    is_another = name == "SQLITE_ERROR" and "no such table" in str(problem.orig)
    return is_another or name.startswith(
        ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_NOTADB", "SQLITE_CORRUPT")
    )


def _is_away(problem: sa.exc.DBAPIError) -> bool:
    state = getattr(problem.orig, "sqlstate", None)
    return problem.connection_invalidated or state is None or state.startswith(_AWAY)
