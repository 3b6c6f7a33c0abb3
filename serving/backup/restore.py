"""Restoring a backup: built aside and checked, then put in its place in one step."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, InputError
from serving.access.audit_log import COMMAND_LINE, note_act
from serving.backup.checking import check_file, check_store
from serving.backup.manifest import REGISTRY, STORE, Manifest, read_manifest
from serving.store import database
from serving.store.copying import copy_rows, counts_of, empty
from serving.store.database import open_store
from serving.store.in_use import out_of_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from serving.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored. `before` is where the home went that was there, None where there was none."""

    manifest: Manifest
    before: Path | None


def restore_backup(
    folder: Path,
    home: Path,
    url: str | None,
    now: int,
    *,
    force: bool = False,
    actor: str = COMMAND_LINE,
    report: Callable[[str], None] = lambda _: None,
) -> Restored:
    """Put a backup into a home, and its store into it or into PostgreSQL at `url`.

    Home and store must be empty, unless `force`: the home that is there is then moved aside, and the rows of
    PostgreSQL are replaced, in one transaction. Raises InputError where the backup is damaged, naming the
    file, and RefusedError where a service runs on the home or the store, before anything is touched.
    """
    report("checking the backup")
    manifest = read_manifest(folder)
    check_file(folder / STORE)
    taken = home.exists() and (not home.is_dir() or any(home.iterdir()))
    if taken and not force:
        remedy = "Name another home, or replace it with --force."
        raise InputError(Fault(str(home), "an empty home", "one that holds something", remedy))
    home.parent.mkdir(parents=True, exist_ok=True)
    aside = home.with_name(f".{home.name}.restored-{secrets.token_hex(4)}")
    with out_of_use(home if taken and home.is_dir() else None, url):
        try:
            report("files")
            _build(folder, aside, manifest, home)
            _settle_store(aside, manifest, url, now, actor, force=force, report=report)
            before = _put(aside, home, taken=taken)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return Restored(manifest=manifest, before=before)


def _build(folder: Path, aside: Path, manifest: Manifest, home: Path) -> None:
    aside.mkdir(mode=0o700)
    for name in manifest.files:
        path = aside / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        shutil.copyfile(folder / name, path)
    if (aside / REGISTRY).exists():
        check_file(aside / REGISTRY)
        _move_registry(aside / REGISTRY, manifest.home, str(home.resolve()))


def _settle_store(
    aside: Path,
    manifest: Manifest,
    url: str | None,
    now: int,
    actor: str,
    *,
    force: bool,
    report: Callable[[str], None],
) -> None:
    """Bring the store to this version's form, check it, and put its rows where they belong."""
    report("the store")
    note = partial(note_act, now=now, actor=actor, act="backup restored", made_at=manifest.made_at)
    copy = open_store(aside)
    try:
        check_store(copy, str(aside / STORE), manifest.tables)
        if url is None:
            copy.write(note)
        else:
            _into_postgresql(copy, url, note, force=force)
    finally:
        copy.close()
    with closing(sqlite3.connect(aside / database.FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    if url is not None:
        (aside / database.FILE).unlink()


def _into_postgresql(copy: Store, url: str, note: Callable[[Connection], None], *, force: bool) -> None:
    target = open_store(Path(), url)

    def replaced(connection: Connection) -> None:
        if any(counts_of(connection).values()):
            if not force:
                remedy = "Name an empty database, or replace what it holds with --force."
                raise InputError(
                    Fault("the store at store_url", "an empty store", "one that holds rows", remedy)
                )
            empty(connection)
        with copy.reading() as source:
            copy_rows(source, connection)
        note(connection)

    try:
        target.write(replaced)
    finally:
        target.close()


def _move_registry(path: Path, before: str, home: str) -> None:
    """Let the registry find its files where the home is now."""
    prefixes = ((f"{Path(before).as_uri()}/", f"{Path(home).as_uri()}/"), (f"{before}/", f"{home}/"))
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, column in _PLACES:
            has = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            new = f"UPDATE {table} SET {column} = ? || substr({column}, ?)"  # noqa: S608 - names of our own
            for old, now in prefixes if column in has else ():
                values = (now, len(old) + 1, len(old), old)
                connection.execute(f"{new} WHERE substr({column}, 1, ?) = ?", values)


_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where MLflow writes down, with the whole path, in which folder of the home a file is."""


def _put(aside: Path, home: Path, *, taken: bool) -> Path | None:
    if not taken:
        if home.exists():
            home.rmdir()
        aside.rename(home)
        return None
    before = home.with_name(f"{home.name}.before-{secrets.token_hex(4)}")
    home.rename(before)
    aside.rename(home)
    return before
