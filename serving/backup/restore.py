"""Restoring a backup: built aside and checked, then put in its place."""

from __future__ import annotations

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
from serving.backup.placing import Place, place_of_home
from serving.store import database
from serving.store.copying import copy_rows, counts_of, empty
from serving.store.database import open_store
from serving.store.in_use import out_of_use
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored. `before` is where that went which was in the home, None where nothing was."""

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

    Home and store must be empty, unless `force`: what is in the home is then moved aside, and the rows of
    PostgreSQL are replaced, in one transaction, which ends after the home is in its place: both are there, or
    neither. Raises InputError where the backup is damaged, naming the file, or where the home cannot be put
    there, and RefusedError where a service runs on the home or the store, before anything is touched.
    """
    report("checking the backup")
    manifest = read_manifest(folder)
    check_file(folder / STORE)
    is_taken = home.exists() and (not home.is_dir() or any(home.iterdir()))
    in_the_way = home if is_taken and home.is_dir() else None
    if is_taken and not force:
        remedy = "Name another home, or replace it with --force."
        with out_of_use(in_the_way, None):  # --force is no remedy while a service runs there
            raise InputError(Fault(str(home), "an empty home", "one that holds something", remedy))
    made_at = rfc_3339(manifest.made_at)
    note = partial(note_act, now=now, actor=actor, act="backup restored", made_at=made_at)
    with out_of_use(in_the_way, url), place_of_home(home, is_taken=is_taken) as place:
        report("files")
        _build(folder, place, manifest)
        report("the store")
        if url is None:
            _into_home(place, manifest, note)
        else:
            _into_postgresql(place, manifest, url, note, force=force)
    return Restored(manifest=manifest, before=place.before)


def _build(folder: Path, place: Place, manifest: Manifest) -> None:
    for name in manifest.files:
        path = place.new / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        shutil.copyfile(folder / name, path)
    if (place.new / REGISTRY).exists():
        check_file(place.new / REGISTRY)
        _move_registry(place.new / REGISTRY, manifest.home, str(place.home))


def _into_home(place: Place, manifest: Manifest, note: Callable[[Connection], None]) -> None:
    """Bring the store to this version's form, check it, and put all of it in its place."""
    copy = open_store(place.new)
    try:
        check_store(copy, str(place.new / STORE), manifest.tables)
        copy.write(note)
    finally:
        copy.close()
    with closing(sqlite3.connect(place.new / database.FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    place.put()


def _into_postgresql(
    place: Place, manifest: Manifest, url: str, note: Callable[[Connection], None], *, force: bool
) -> None:
    """Put the rows into a database, and the rest into its place before they are there to stay."""
    rows = place.new.with_name("rows")
    rows.mkdir(mode=0o700)
    (place.new / STORE).rename(rows / database.FILE)
    copy, target = open_store(rows), open_store(Path(), url)

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
        place.put()

    try:
        check_store(copy, str(rows / STORE), manifest.tables)
        target.write(replaced)
    except BaseException:  # whatever breaks it off, Ctrl-C too: the home goes back where it was
        place.take_back()
        raise
    finally:
        copy.close()
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
