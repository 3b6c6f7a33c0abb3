"""Taking a backup while the service runs: nobody waits for it, and it shows one moment of the store."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, InputError
from serving.access.audit_log import COMMAND_LINE, note_act
from serving.backup.checking import check_file, check_store
from serving.backup.home_files import copy_home
from serving.backup.manifest import (
    REGISTRY,
    STORE,
    Manifest,
    files_in,
    read_manifest,
    write_manifest,
)
from serving.store import database
from serving.store.copying import copy_rows, counts_of, vacuumed
from serving.store.database import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was checked. `size` in bytes."""

    folder: Path
    tables: dict[str, int]
    files: int
    size: int


def make_backup(
    store: Store,
    home: Path,
    out: Path,
    now: int,
    *,
    actor: str = COMMAND_LINE,
    report: Callable[[str], None] = lambda _: None,
) -> Made:
    """Write all that a home and its store keep into the folder `out`, check it, and note the act.

    `out` must not exist; it appears whole or not at all, and only its owner can read it. Folders above it
    that are not there are made, for their owner alone too. `now` in microseconds UTC. Raises InputError where
    it cannot be written, or where the check finds a fault.
    """
    if out.exists():
        raise InputError(Fault(str(out), "a folder that is not there yet", "something", "Name another."))
    _make_privately(out.absolute().parent)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))  # of mode 0700
    try:
        report("the store")
        _copy_store(store, home, work / STORE)
        report("models and settings")
        copy_home(home, work)
        report("checking")
        manifest = _checked(work, store, home, now)
        work.rename(out)
    except sqlite3.Error as problem:
        raise InputError(Fault(str(home), "a home that can be read", str(problem))) from problem
    finally:
        shutil.rmtree(work, ignore_errors=True)
    rows = manifest.tables
    store.write(partial(note_act, now=now, actor=actor, act="backup made", leads=rows["leads"]))
    size = sum(file.size for file in manifest.files.values())
    return Made(folder=out, tables=rows, files=len(manifest.files), size=size)


def _make_privately(folder: Path) -> None:
    """Make a folder and those above it, where they are missing. Only their owner can read them."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        fault = Fault(str(folder), "a folder, or a place for one", str(problem.strerror), "Name another.")
        raise InputError(fault) from problem
    if not folder.is_dir():
        raise InputError(Fault(str(folder), "a folder", "a file", "Name another."))


def _copy_store(store: Store, home: Path, out: Path) -> None:
    """Write one moment of the store as a file of SQLite."""
    if store.is_sqlite:
        vacuumed(home / database.FILE, out)
        return
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as aside:
        copy = open_store(Path(aside))
        try:
            with store.snapshot() as source:
                copy.write(partial(copy_rows, source))
                tables = counts_of(source)
            check_store(copy, str(out), tables)
        finally:
            copy.close()
        vacuumed(Path(aside) / database.FILE, out)


def _checked(work: Path, store: Store, home: Path, now: int) -> Manifest:
    check_file(work / STORE)
    with tempfile.TemporaryDirectory(prefix=".check.", dir=work.parent) as aside:
        shutil.copyfile(work / STORE, Path(aside) / database.FILE)
        copy = open_store(Path(aside))
        try:
            with copy.reading() as connection:
                tables = counts_of(connection)
            newest_seal = check_store(copy, str(work / STORE), tables)
        finally:
            copy.close()
    if (work / REGISTRY).exists():
        check_file(work / REGISTRY)
    manifest = Manifest(
        made_at=now,
        leadlens=version("leadlens"),
        store="sqlite" if store.is_sqlite else "postgresql",
        home=str(home.resolve()),
        tables=tables,
        files=files_in(work),
        newest_seal=newest_seal,
    )
    write_manifest(work, manifest)
    for path in work.rglob("*"):
        _to_disk(path)
    return read_manifest(work)


def _to_disk(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
