"""The store, opened for reading alone: nothing is made, migrated or changed in it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import sqlalchemy as sa

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from leadlens.checks.finding import Installation

WAIT_SECONDS = 5


@contextmanager
def store_for_reading(at: Installation) -> Iterator[Connection]:
    """Open the store of an installation. Raises InputError, without a password, where none answers."""
    engine, place = _engine(at)
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DBAPIError as problem:
        said = str(problem.orig).strip().partition("\n")[0]
        remedy = "Repair it as docs/operating.md says, or restore a backup: leadlens restore"
        raise InputError(Fault(place, "a store that can be read", said, remedy)) from problem
    finally:
        engine.dispose()


def sqlite_file(at: Installation) -> Path:
    """Return where the store of a home is without `store_url`."""
    from serving.store.database import FILE

    return at.home / FILE


def _engine(at: Installation) -> tuple[sa.Engine, str]:
    url = at.settings.store_url
    if url is None:
        path = sqlite_file(at)
        return sa.create_engine("sqlite://", creator=lambda: _sqlite(path), poolclass=sa.NullPool), str(path)
    try:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
    except sa.exc.ArgumentError:
        remedy = "Write postgresql://user:password@host/database."
        raise InputError(Fault("store_url", "the URL of a database", "something else", remedy)) from None
    arguments = {"connect_timeout": WAIT_SECONDS, "options": "-c default_transaction_read_only=on"}
    engine = sa.create_engine(address, connect_args=arguments, poolclass=sa.NullPool)
    return engine, address.render_as_string(hide_password=True)


def _sqlite(path: Path) -> sqlite3.Connection:
    """Open a file without making one beside it: without a log nobody has it open, and it stays as it is."""
    has_log = path.with_name(path.name + "-wal").exists()
    how = "mode=ro" if has_log else "mode=ro&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?{how}", uri=True, timeout=WAIT_SECONDS)
