"""A folder that appears whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from features.errors import Fault, InputError, RefusedError
from features.prepared.layout import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """Give a folder for unfinished work; what it holds in `whole` at the end becomes `out`.

    What an earlier run that was killed has left is thrown away first. A prepared history at `out` is
    replaced. Raises InputError where `out` holds anything else, is in no folder, or there is no room;
    RefusedError while another run works on it.
    """
    _refuse_other_content(out)
    work = out.absolute().with_name(f".{out.absolute().name}.unfinished")
    with _own(work), _no_room_in_words(out):
        for path in work.iterdir():
            shutil.rmtree(path)
        (work / "whole").mkdir()
        try:
            yield work
            _put_in_place(work / "whole", out.absolute(), work / "replaced")
        finally:
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _own(work: Path) -> Iterator[None]:
    """Make the folder, and hold a lock on it that dies with the process."""
    if work.is_symlink() or (work.exists() and not _is_left_by_a_run(work)):
        remedy = "Move it away, or choose another name."
        raise InputError(Fault(str(work), "a folder of an unfinished run", "something else", remedy))
    work.mkdir(exist_ok=True)
    handle = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RefusedError(f"Another run is preparing into {work}. Wait for it, or stop it.") from None
    finally:
        os.close(handle)


def _is_left_by_a_run(work: Path) -> bool:
    """Return whether a folder holds nothing but what a run that was killed leaves."""
    known = {"whole", "parts", "sorted", "spill", "replaced"}
    return work.is_dir() and all(path.is_dir() and path.name in known for path in work.iterdir())


def _refuse_other_content(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise InputError(Fault("--out", "a folder in one that is there", str(out), "Make that folder."))
    if not out.exists() or (out / MANIFEST).is_file():
        return
    if not out.is_dir():
        raise InputError(Fault("--out", "a folder", f"the file {out}", "Choose another name."))
    if any(out.iterdir()):
        remedy = "Choose another folder: a whole folder is written, and what was in it would be lost."
        raise InputError(Fault("--out", "an empty folder, or a prepared history", str(out), remedy))


def _put_in_place(whole: Path, out: Path, replaced: Path) -> None:
    if out.exists():
        out.rename(replaced)
    whole.rename(out)


@contextmanager
def _no_room_in_words(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno not in _NO_ROOM:
            raise
        remedy = "About four times the size of the sources as Parquet is needed. Choose another disk."
        raise InputError(Fault(str(out), "room on its disk", os.strerror(problem.errno), remedy)) from problem
