"""What else than the store a home keeps, copied while others write there and remove."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, InputError
from models.champion import POINTER, champion_folder, pointed_to
from models.preparing import PREPARED
from models.registry import FETCHED
from serving.backup.manifest import FILES, FOLDERS, REGISTRY
from serving.jobs.job_files import FOLDER as JOBS
from serving.jobs.job_files import WORK
from serving.store.copying import vacuumed

if TYPE_CHECKING:
    from collections.abc import Callable

CHAMPION = "champion"
MOST_PROMOTIONS = 5
"""So often a champion is copied anew because another was promoted meanwhile."""


def copy_home(home: Path, out: Path) -> None:
    """Copy registry, champion, settings, artifacts of models and files of score jobs into the folder `out`.

    What is removed meanwhile is left out, and so are links, which would lead out of the backup, and what a
    worker has not finished. Only the owner can read the copy. Raises InputError where the copied champion
    could not be served.
    """
    if (home / REGISTRY).is_file():  # before what it names, which only grows
        vacuumed(home / REGISTRY, out / REGISTRY)
    for name in FILES:
        if (home / name).is_file():
            shutil.copyfile(home / name, out / name)
    _copy_champion(home, out)
    for name in FOLDERS:
        if name != CHAMPION:
            _copy_folder(home / name, out / name, _is_unfinished if name == JOBS else None)
    for path in out.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _copy_champion(home: Path, out: Path) -> None:
    """Copy the champion with the version that it names, which a promotion meanwhile may remove."""
    for _ in range(MOST_PROMOTIONS):
        _copy_folder(home / CHAMPION, out / CHAMPION, _is_made_again)
        if _pointer(home) == _pointer(out):
            break
        shutil.rmtree(out / CHAMPION, ignore_errors=True)
    else:
        found = "promotions, again and again"
        raise InputError(Fault(str(home / CHAMPION), "a champion that stays", found, "Take another backup."))
    version = pointed_to(out)
    if version is not None and not champion_folder(out, version).is_dir():
        place = str(home / CHAMPION / POINTER)
        raise InputError(Fault(place, "a version that is there", f"v{version}", "Promote a version first."))


def _pointer(home: Path) -> bytes | None:
    try:
        return (home / CHAMPION / POINTER).read_bytes()
    except FileNotFoundError:
        return None


def _copy_folder(folder: Path, out: Path, is_left_out: Callable[[str], bool] | None = None) -> None:
    """Copy the files of a folder and of those in it, but for folders that are left out by their names."""
    for of, folders, names in os.walk(folder, onerror=_raise_unless_gone):
        here = out / Path(of).relative_to(folder)
        here.mkdir(mode=0o700)
        for name in names:
            path = Path(of) / name
            with suppress(FileNotFoundError):
                if not path.is_symlink():
                    shutil.copy2(path, here / name)
        folders[:] = [name for name in folders if is_left_out is None or not is_left_out(name)]


def _is_made_again(name: str) -> bool:
    """Return whether a folder of copies holds tables, which are made anew, or a fetch that is under way."""
    return name == PREPARED or name.startswith(FETCHED)


def _is_unfinished(name: str) -> bool:
    return name.startswith(WORK)


def _raise_unless_gone(problem: OSError) -> None:
    if not isinstance(problem, FileNotFoundError):
        raise problem
