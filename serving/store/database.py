"""Opening the store: the file, its settings, its migrations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

FILE = "leadlens.db"
BUSY_TIMEOUT_MS = 5_000
MIGRATIONS = Path(__file__).parent / "migrations"


def open_store(home: Path) -> Engine:
    """Return the store of a home, made where it is missing and migrated to the newest form.

    Raises InputError where the file cannot be used as a store.

    Readers never wait for a writer (WAL), a writer waits up to five seconds for another, and what was
    committed survives a loss of power (synchronous = FULL).
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / FILE
    path.touch(mode=0o600, exist_ok=True)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    sa.event.listen(engine, "connect", _prepare)
    try:
        migrate(engine)
    except sa.exc.DatabaseError as problem:
        remedy = (
            "Make room, or restore the file from a backup. Moved away, it is made anew, without its keys."
        )
        raise InputError(
            Fault(str(path), "a store that SQLite can use", str(problem.orig), remedy)
        ) from problem
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to their newest form, in one transaction that other processes wait for."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _upgrade(connection)
        connection.commit()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own opening of transactions is off: BEGIN is said here
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
