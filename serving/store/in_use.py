"""Whether a service runs on a home: a lock that its processes share, and that a restore must have alone.

The system lets the lock go when a process ends, however it ends. In the home it is a lock of a file; in
PostgreSQL an advisory lock, by which services with other homes on one database are seen too.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.errors import RefusedError
from serving.store import advisory_locks
from serving.store.database import database_at, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from serving.store.database import Store

FILE = "in-use"
LOOK_SECONDS = 5.0
"""So often a service looks whether PostgreSQL still knows of its lock."""

REACH_SECONDS = 3.0
"""A service that starts waits so long for PostgreSQL, and goes on without its lock for now."""

_BEING_RESTORED = "A backup is being restored there. Start the service when that is done."


@contextmanager
def in_use(home: Path, url: str | None) -> Iterator[None]:
    """Say that this process serves a home, and the store at `url` if there is one, while the block lasts.

    A database that does not answer keeps nobody: its lock is taken once it does. Raises RefusedError while a
    backup is being restored, InputError where the address cannot be that of a store.
    """
    descriptor = _shared(home)
    try:
        with nullcontext() if url is None else _in_use_at(url):
            yield
    finally:
        os.close(descriptor)


@contextmanager
def out_of_use(home: Path | None, url: str | None) -> Iterator[None]:
    """Keep services from a home and from the store at `url`, where either is given, while the block lasts.

    Raises RefusedError where one runs: a server or a worker.
    """
    with (
        nullcontext() if home is None else _alone(home),
        nullcontext() if url is None else _alone_at(url),
    ):
        yield


def _open(home: Path) -> int:
    return os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)


def _shared(home: Path) -> int:
    """Take the home's lock with others, and return the file that holds it."""
    while True:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = _open(home)
        if not _locked(descriptor, fcntl.LOCK_SH):
            os.close(descriptor)
            raise RefusedError(f"{home}: {_BEING_RESTORED}")
        if _is_there(home, descriptor):
            return descriptor
        os.close(descriptor)  # the home was moved aside between the two: another has taken its place


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Take the home's lock alone. A home that is left where it was is left as it was."""
    was_there = (home / FILE).exists()
    descriptor = _open(home)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX):
            raise RefusedError(_running(str(home)))
        try:
            yield
        finally:
            if not was_there and _is_there(home, descriptor):
                (home / FILE).unlink()
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(home: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat((home / FILE).stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextmanager
def _in_use_at(url: str) -> Iterator[None]:
    """Hold the database's lock with others. A database that is away is waited for behind our back."""
    store = database_at(url)
    keeper = _Keeper(store)
    try:
        if keeper.tried.wait(REACH_SECONDS) and keeper.is_refused:
            raise RefusedError(f"The store at store_url: {_BEING_RESTORED}")
        yield
    finally:
        keeper.end()
        store.close()


class _Keeper:
    """A thread that holds the lock, and takes it again where the database was started anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._over = threading.Event()
        self._connection: Connection | None = None
        self.is_refused = False
        self.tried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadlens-in-use", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let the lock go."""
        self._over.set()
        self._thread.join(REACH_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                self._look()
            except sa.exc.SQLAlchemyError:
                self._leave()
            self.tried.set()
            if self._over.wait(LOOK_SECONDS):
                break
        self._leave()

    def _look(self) -> None:
        if self._connection is not None:
            self._connection.execute(sa.select(1))
            return
        self._connection = _connection(self._store)
        lock = sa.func.pg_try_advisory_lock_shared(advisory_locks.IN_USE)
        self.is_refused = not _is_granted(self._connection, lock)
        if self.is_refused:
            self._leave()

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sa.exc.SQLAlchemyError):
                connection.close()


@contextmanager
def _alone_at(url: str) -> Iterator[None]:
    store = open_store(Path(), url)
    connection = _connection(store)
    try:
        if not _is_granted(connection, sa.func.pg_try_advisory_lock(advisory_locks.IN_USE)):
            raise RefusedError(_running("The store at store_url"))
        yield
    finally:
        connection.close()
        store.close()


def _connection(store: Store) -> Connection:
    """Return a connection that belongs to no pool: closing it lets its lock go."""
    connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection


def _is_granted(connection: Connection, lock: sa.ColumnElement[bool]) -> bool:
    return bool(connection.execute(sa.select(lock)).scalar_one())


def _running(place: str) -> str:
    return f"{place}: a service runs there, a server or a worker. Stop it first, then restore."
