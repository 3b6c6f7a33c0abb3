"""Files that are held while they are written: whoever finds one that nobody holds may remove it.

The system lets go of what a process held, however the process ended. So a file that a killed server has left
is told from one that arrives at this moment, whichever of several processes looks.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

UPLOADS = "uploads"
"""The folder of a home in which uploads arrive."""


def new_held_file(path: Path) -> BinaryIO:
    """Make a file that only its owner may read, and its folder; it is held until it is closed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # it was taken for a left one between the two


def remove_left_files(folder: Path) -> None:
    """Remove the files of a folder that no process holds, whatever their age.

    A link goes without what it leads to, and a pipe or the like without being opened, which might wait for
    ever. Folders stay.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(FileNotFoundError, BlockingIOError):
            kind = path.lstat().st_mode
            if stat.S_ISREG(kind):
                _remove_unheld(path)
            elif not stat.S_ISDIR(kind):
                path.unlink()


def _remove_unheld(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(descriptor)
