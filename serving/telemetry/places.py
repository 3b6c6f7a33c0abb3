"""Where the figures of all processes of a home lie: one file for each place that a process can take.

Who serves as 'server 1' holds the file of that name locked. One that comes after it, because it died, takes
the same file and counts on where it ended. So nothing is lost, and nothing piles up. Whoever reads sees by
the lock which processes still run.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.telemetry.kept_tally import newest
from serving.telemetry.tally import Tally, read_tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "telemetry"
MOST_PLACES = 100
_SUFFIX = ".figures"
_TRIES, _PAUSE_SECONDS = 20, 0.02
"""Readers hold a file for some microseconds, which must not look as if somebody had taken the place."""


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of one process, and whether it still runs."""

    program: str
    tally: Tally
    runs: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place that this process has taken: its name, and its file, which is open and locked."""

    program: str
    descriptor: int

    def leave(self) -> None:
        """Let another take the place."""
        os.close(self.descriptor)


def take_place(home: Path, program: str) -> Place:
    """Take the place of a program; where somebody has it, 'NAME 2', and so on.

    Raises OSError where the home cannot be written to.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, MOST_PLACES):
        name = program if number == 1 else f"{program} {number}"
        descriptor = os.open(_path(folder, name), os.O_RDWR | os.O_CREAT, 0o600)
        if _locked(descriptor, _TRIES) and os.fstat(descriptor).st_nlink:
            return Place(name, descriptor)
        os.close(descriptor)
    raise OSError(f"{folder}: more than {MOST_PLACES} processes have figures here")


def clear_places(home: Path) -> None:
    """Remove what processes have left that do not run any more: the service begins anew."""
    for _, path in _files(home):
        with suppress(OSError), _opened(path) as descriptor:
            if _locked(descriptor, 1):
                path.unlink()


def figures_in(home: Path, *, but: str = "") -> list[Found]:
    """Return the figures of all processes of a home, but for one of them. What cannot be read is left out."""
    found = []
    for program, path in _files(home):
        if program != but:
            with suppress(OSError, ValueError), _opened(path) as descriptor:
                content = newest(descriptor)
                tally = read_tally(content) if content else Tally()
                found.append(Found(program, tally, runs=not _locked(descriptor, 1)))
    return found


def _path(folder: Path, program: str) -> Path:
    return folder / f"{program.replace(' ', '-')}{_SUFFIX}"


def _files(home: Path) -> list[tuple[str, Path]]:
    with suppress(OSError):
        return [(path.stem.replace("-", " "), path) for path in sorted((home / FOLDER).glob(f"*{_SUFFIX}"))]
    return []


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int, tries: int) -> bool:
    """Take the lock of a file, which closing it lets go. Returns whether nobody had it."""
    for left in range(tries, 0, -1):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if left > 1:
            time.sleep(_PAUSE_SECONDS)
    return False
