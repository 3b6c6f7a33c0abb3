"""Opening the store: SQLite in the home, or PostgreSQL by URL; its transactions, its migrations."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
import stamina
from alembic import command
from alembic.config import Config

from features.errors import Fault, InputError
from serving.store import advisory_locks
from serving.store.reach import (
    Limits,
    StoreAwayError,
    StoreBusyError,
    StoreFullError,
    goes_away,
    in_words,
    may_pass,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

__all__ = [
    "BeginAgainError",
    "Store",
    "StoreAwayError",
    "StoreBusyError",
    "StoreFullError",
    "UnreachableError",
    "database_at",
    "migrate",
    "open_known_store",
    "open_store",
    "to_json_text",
]

FILE = "leadlens.db"
BUSY_TIMEOUT_MS = 10_000
AUTOCHECKPOINT_PAGES = 16_384
"""So long may SQLite's log get, 64 MiB, before whoever commits moves it into the file."""

MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "leadlens_writes"
_INODE = "inode"
_VERSIONS = "alembic_version"

T = TypeVar("T")


class UnreachableError(InputError):
    """The store cannot be used now, and may be later: the database does not answer, the disk is full."""


class BeginAgainError(RuntimeError):
    """What a transaction found out is no longer so: all of it is to be done again, by `Store.write`."""


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass(frozen=True, slots=True)
class Store:
    """One database. Reads see what was committed when they began; writes are whole or not at all.

    Reads and writes raise StoreBusyError where others hold the store for too long, StoreAwayError where the
    database does not answer or was not reached yet, and StoreFullError where it cannot be written. A write
    that has returned survives a kill of the process and a loss of power (`synchronous = FULL`).
    """

    engine: Engine
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    opened: threading.Event = field(default_factory=_set_event, repr=False)
    """Set once its tables are there and up to date."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, where one transaction writes at a time (else PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads. On SQLite it never waits, and keeps nobody waiting."""
        with (
            self._in_words(),
            self.engine.connect() as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and whose statements all see one moment.

        SQLite's always do; on PostgreSQL a statement of `reading` sees what was committed when it began.
        """
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            self._in_words(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction, commit it, and return what it returned.

        On SQLite the transaction begins as the writing one (BEGIN IMMEDIATE), after its turn among this
        process's writers. On PostgreSQL `work` is done again where a deadlock undid it, or where it raised
        BeginAgainError, so it must have no effect but on the connection.
        """
        again = stamina.retry_context(on=_begins_again, attempts=6, timeout=30, wait_initial=0.02)
        try:
            with self._in_words():
                for attempt in again:
                    with attempt:
                        return self._done(work)
        except BeginAgainError as problem:
            raise StoreBusyError("others changed what this depends on, again and again") from problem
        raise AssertionError("stamina raises where no attempt succeeded")

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        if not self.opened.is_set():
            raise StoreAwayError("the store was not reached yet")
        with in_words(is_sqlite=self.is_sqlite):
            yield

    def _done(self, work: Callable[[Connection], T]) -> T:
        with (
            self._turn if self.is_sqlite else nullcontext(),
            self.engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            return work(connection)


def open_store(home: Path, url: str | None = None, limits: Limits | None = None) -> Store:
    """Return the store at `url`, else that of a home, made where it is missing and brought up to date.

    `limits` are how long to wait for PostgreSQL later on; a migration may take as long as it takes. Raises
    InputError where the address or the file cannot be used as a store.
    """
    place, store = _in_home(home) if url is None else _at_url(url, Limits())
    with _usable(place, store):
        migrate(store)
    if url is None or limits is None:
        return store
    store.close()
    return _at_url(url, limits)[1]


def unopened_store(home: Path, url: str | None, limits: Limits) -> Store:
    """Return a store that nobody has asked anything yet; who has opened it (`open_store`) sets `opened`.

    Raises InputError where the address cannot be that of a store.
    """
    _, store = _in_home(home) if url is None else _at_url(url, limits)
    return Store(store.engine, opened=threading.Event())


def database_at(url: str) -> Store:
    """Return the database at a URL, as it is, whatever is in it."""
    return _at_url(url, Limits())[1]


def open_known_store(home: Path, url: str | None = None) -> Store:
    """Return what `open_store` returns, of a store that is there: nothing is made where none is.

    In a home a store is there where its file is and holds anything, in PostgreSQL where its tables are.
    Raises InputError where there is none, and where it cannot be used.
    """
    if url is None:
        path = home / FILE
        if not path.is_file() or path.stat().st_size == 0:
            remedy = "Name it with --home or LEADLENS_HOME."
            raise InputError(Fault(str(home), "a home with a store", "none", remedy))
        return open_store(home)
    place, store = _at_url(url, Limits())
    try:
        with _usable(place, store), store.reading() as connection:
            is_there = sa.inspect(connection).has_table(_VERSIONS)
        if not is_there:
            raise InputError(
                Fault(place, "a database with a store", "none", "Name it with LEADLENS_STORE_URL.")
            )
    finally:
        store.close()
    return open_store(home, url)


def migrate(store: Store, revision: str = "head") -> None:
    """Bring the tables to their newest form, or back to that of `revision`, while others wait."""

    def moved(connection: Connection) -> None:
        if not store.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(advisory_locks.MIGRATING)))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        step = command.upgrade if revision == "head" else command.downgrade
        step(config, revision)

    store.write(moved)


def to_json_text(value: Any) -> str:
    """Return a cell, or an object of cells, as the store keeps it: numbers read back to the same bits."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


@contextmanager
def _usable(place: str, store: Store) -> Iterator[None]:
    """Raise InputError, which names the place, where what is done there shows that it is no store to use."""
    try:
        yield
    except (sa.exc.DBAPIError, StoreBusyError) as problem:
        cause = problem.__cause__ if isinstance(problem, StoreBusyError) else problem
        said = str(getattr(cause, "orig", problem)).strip()
        kind = UnreachableError if may_pass(problem) else InputError
        raise kind(Fault(place, "a store that can be used", said, _remedy(store))) from problem


def _in_home(home: Path) -> tuple[str, Store]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / FILE
    path.touch(mode=0o600, exist_ok=True)
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        pool_size=8,
        max_overflow=40,
        json_serializer=to_json_text,
    )
    sa.event.listen(engine, "do_connect", partial(_only_where_it_is, path))
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "checkout", partial(_only_to_the_same, path))
    sa.event.listen(engine, "begin", _begin_sqlite)
    return str(path), Store(engine)


def _at_url(url: str, limits: Limits) -> tuple[str, Store]:
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        remedy = "Write postgresql://user:password@host/database."
        raise InputError(
            Fault("setting store_url", "the URL of a database", "something else", remedy)
        ) from None
    if address.get_backend_name() != "postgresql":
        remedy = "Write postgresql://user:password@host/database; for SQLite leave the setting out."
        raise InputError(Fault("setting store_url", "PostgreSQL", repr(address.get_backend_name()), remedy))
    from serving.store.silence import watch  # noqa: PLC0415 - with psycopg, only where it is PostgreSQL

    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=40,
        pool_pre_ping=True,
        pool_timeout=limits.pool_seconds,
        connect_args=limits.arguments(address.query),
        json_serializer=to_json_text,
    )
    watch(engine, limits)
    return address.render_as_string(hide_password=True), Store(engine)


def _only_where_it_is(path: Path, _dialect: Any, record: Any, *_: object) -> None:
    """Connect to the file that is there, and note which that is: SQLite would make an empty one."""
    try:
        record.info[_INODE] = path.stat().st_ino
    except OSError as problem:
        gone = sqlite3.OperationalError(f"the store's file cannot be opened: {problem.strerror}")
        gone.sqlite_errorname = "SQLITE_CANTOPEN"
        raise gone from problem


def _only_to_the_same(path: Path, _connection: Any, record: Any, _proxy: object) -> None:
    """Leave a connection to a file that was removed or replaced: what it wrote would be lost."""
    try:
        inode = path.stat().st_ino
    except OSError:
        inode = None
    if inode != record.info.get(_INODE):
        raise sa.exc.DisconnectionError("the store's file is another than before")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own opening of transactions is off: see _begin_sqlite
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten, not only unlinked
        "recursive_triggers = ON",  # the row that INSERT OR REPLACE removes is one that is deleted
        "temp_store = MEMORY",
        "cache_size = -16384",
        f"wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begins_again(problem: Exception) -> bool:
    return isinstance(problem, BeginAgainError) or goes_away(problem)


def _remedy(store: Store) -> str:
    if store.is_sqlite:
        return "Make room, or restore a backup: leadlens restore. Moved away, the file is made anew, empty."
    return "Check that the server can be reached, and that the user may make tables in the database."
