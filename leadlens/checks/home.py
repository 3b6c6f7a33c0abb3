"""The home: whether it is there and only its owner's, whether there is room, and whether locks hold."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from leadlens.checks.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation

FULL_BYTES, TIGHT_BYTES = 100 * 1024**2, 2 * 1024**3
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.s3fs"})
"""Filesystems of other machines, on which SQLite's log does not work (https://sqlite.org/wal.html)."""

MOUNTS = Path("/proc/mounts")


def folder(at: Installation) -> Iterator[Finding]:
    """Whether the home is there, belongs to who runs this, and can be written to."""
    home = at.home
    try:
        found = home.stat()
    except OSError as problem:
        remedy = "Name it with --home or LEADLENS_HOME; leadlens serve makes one."
        yield Finding("home", "failed", f"{home}: {problem.strerror}.", remedy)
        return
    if not stat.S_ISDIR(found.st_mode):
        yield Finding("home", "failed", f"{home} is no folder.", "Name another, or move the file away.")
        return
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        remedy = f"Give it to the user that runs LeadLens: chown -R USER {home}"
        yield Finding("home", "failed", f"{home} cannot be read and written by this user.", remedy)
    elif found.st_uid != os.geteuid():
        remedy = "Run this as the user of the service: sudo -u leadlens leadlens doctor"
        yield Finding("home", "warning", f"{home} belongs to the user with number {found.st_uid}.", remedy)
    elif stat.S_IMODE(found.st_mode) & 0o077:
        mode = f"{stat.S_IMODE(found.st_mode):o}"
        yield Finding("home", "warning", f"{home} is open to others ({mode}).", f"chmod 700 {home}")
    else:
        yield Finding("home", "ok", f"{home} is there, and its owner's alone.")


def space(at: Installation) -> Iterator[Finding]:
    """Whether there is room left where the home is."""
    if not at.home.is_dir():
        return
    free = shutil.disk_usage(at.home).free
    said = f"{free / 1e9:,.1f} GB are free."
    remedy = f"Make room on the disk of {at.home}, or move the home."
    if free < FULL_BYTES:
        yield Finding("disk", "failed", said, remedy)
    elif free < TIGHT_BYTES:
        yield Finding("disk", "warning", said, remedy)
    else:
        yield Finding("disk", "ok", said)


def locks(at: Installation) -> Iterator[Finding]:
    """Whether the filesystem of the home keeps locks, as the store and promotions need them."""
    if not at.home.is_dir():
        return
    kind = filesystem(at.home.resolve(), MOUNTS.read_text() if MOUNTS.exists() else "")
    remedy = "Move the home to a disk of this machine, or keep the store in PostgreSQL (store_url)."
    try:
        descriptor = os.open(at.home, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(descriptor)
    except OSError as problem:
        yield Finding("locks", "failed", f"the filesystem gives none ({problem.strerror}).", remedy)
        return
    if kind in REMOTE and at.settings.store_url is None:
        yield Finding(
            "locks", "failed", f"the home is on another machine ({kind}), and SQLite in it.", remedy
        )
    else:
        yield Finding("locks", "ok", "the filesystem keeps them.")


def filesystem(place: Path, mounts: str) -> str:
    """Return the kind of filesystem that a place is on, from the text of /proc/mounts; '' where unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, where, what, *_ = line.split(" ")
        where = where.replace("\\040", " ")
        if len(where) >= len(best) and place.is_relative_to(where):
            best, kind = where, what
    return kind
