"""The store: whether it can be read, is of this version, is whole; and the keys in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from leadlens.checks.finding import Finding
from leadlens.checks.reading import sqlite_file, store_for_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from leadlens.checks.finding import Installation

DAY_US = 86_400_000_000
SOON_DAYS = 14
UNUSED_DAYS = 30
LONG_LOG_BYTES = 256 * 1024**2
_NONE_YET = "there is none yet; leadlens serve makes it."


def database(at: Installation) -> Iterator[Finding]:
    """Whether the store can be read, has the tables of this version, and is whole."""
    if at.settings.store_url is None and not sqlite_file(at).is_file():
        yield Finding("store", "warning", _NONE_YET)
        return
    with store_for_reading(at) as connection:
        yield _version(connection)
        if connection.dialect.name == "sqlite":
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
            if said == "ok":
                yield Finding("store's file", "ok", "it is whole.")
            else:
                remedy = "Stop the service and restore a backup: leadlens restore"
                yield Finding("store's file", "failed", f"it is damaged: {said[:200]}.", remedy)
            yield from _log(at)


def keys(at: Installation) -> Iterator[Finding]:
    """Whether there are keys, and whether one ends soon or is used by nobody."""
    from serving.access.key import key_of
    from serving.store.schema import KEYS

    if at.settings.store_url is None and not sqlite_file(at).is_file():
        return
    with store_for_reading(at) as connection:
        rows = connection.execute(sa.select(KEYS)).all()
    valid = [key for key in map(key_of, rows) if key.is_active(at.now)]
    if not valid:
        remedy = "leadlens keys create NAME --scope score (leadlens serve makes a first one)"
        yield Finding("keys", "warning", "none is valid, so nobody can ask.", remedy)
        return
    ending = [k for k in valid if k.expires_at is not None and k.expires_at - at.now < SOON_DAYS * DAY_US]
    unused = [k for k in valid if k.last_used_at is None and at.now - k.created_at > UNUSED_DAYS * DAY_US]
    for key in ending:
        remedy = f"leadlens keys rotate {key.id}"
        yield Finding("keys", "warning", f"key {key.id} expires within {SOON_DAYS} days.", remedy)
    for key in unused:
        found = f"key {key.id} was made more than {UNUSED_DAYS} days ago and never used."
        yield Finding("keys", "warning", found, f"leadlens keys revoke {key.id}")
    if not ending and not unused:
        yield Finding("keys", "ok", f"{len(valid)} are valid.")


def _version(connection: Connection) -> Finding:
    from alembic.script import ScriptDirectory

    from serving.store.database import MIGRATIONS

    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if not sa.inspect(connection).has_table("alembic_version"):
        return Finding("store", "failed", "its tables are not there.", "leadlens serve or import makes them.")
    here = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if here == newest:
        return Finding("store", "ok", f"it can be read, and has the tables of this version ({here}).")
    remedy = (
        "Start the service once, which brings them up to date; if they are of a newer LeadLens, install that."
    )
    return Finding(
        "store", "failed", f"its tables are of version {here}, this program's of {newest}.", remedy
    )


def _log(at: Installation) -> Iterator[Finding]:
    path = sqlite_file(at)
    log = path.with_name(path.name + "-wal")
    size = log.stat().st_size if log.exists() else 0
    found = f"{size / 1e6:,.1f} MB."
    if size < LONG_LOG_BYTES:
        yield Finding("store's log", "ok", found)
    else:
        remedy = "A reader holds it up: stop long readings and exports; a worker then takes it back."
        yield Finding("store's log", "warning", found, remedy)
