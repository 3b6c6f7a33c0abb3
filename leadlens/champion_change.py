"""Another champion: the alias in the registry, the copy that serves, and the log of acts, in this order."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from features.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.registry import Registered, Registry

LOCK = "promotion.lock"
STALE_SECONDS = 86_400.0


def crown(
    home: Path,
    registry: Registry,
    chosen: Registered,
    *,
    over: Registered | None,
    tags: Mapping[str, str],
    **about: Any,
) -> None:
    """Make a version champion in place of `over`, the champion against which it was judged.

    What is interrupted here leaves a home that serves one whole version, the one before or the new one; the
    next promotion of the same version does what is missing. `about` goes into the audit log.
    Raises RefusedError where another version became champion meanwhile.
    """
    from models.champion import champion_folder, pointed_to
    from models.registry import CHAMPION

    with _alone(home):
        now = registry.aliased(CHAMPION)
        if now != over:
            said = "none" if now is None else f"version {now.version}"
            raise RefusedError(
                f"The champion changed while version {chosen.version} was judged: it is {said} now. "
                f"Nothing was changed. Judge it again: leadlens promote {chosen.version}"
            )
        registry.fetch(chosen, champion_folder(home, chosen.version))
        before = pointed_to(home)
        registry.tag(chosen, tags)
        registry.promote(chosen)
        _serve(home, chosen)
        _note(home, chosen, act="version promoted", before=before, **about)


def roll_back(home: Path, registry: Registry) -> tuple[Registered, Registered]:
    """Make the champion before the champion again; return the one that was left and the one that serves.

    Raises RefusedError where there is none to go back to.
    """
    from models.champion import champion_folder
    from models.registry import CHAMPION

    with _alone(home):
        left = registry.aliased(CHAMPION)
        if left is None:
            raise RefusedError("There is no champion, so there is nothing to go back from.")
        registry.fetch(registry.before(left), champion_folder(home, registry.before(left).version))
        restored = registry.rollback()
        _serve(home, restored)
        _note(home, restored, act="version rolled back", before=left.version)
    return left, restored


def _serve(home: Path, chosen: Registered) -> None:
    """Point servers to the copy of a version; copies that recorded scores are replayed with are kept."""
    from models.champion import point_to
    from serving.jobs.retention import retained_versions
    from serving.settings import settings_from

    keep = retained_versions(settings_from(os.environ, home=home))
    point_to(home, name=chosen.name, version=chosen.version, keep=keep)


def _note(home: Path, chosen: Registered, *, act: str, **about: Any) -> None:
    from leadlens.acts import note

    note(home, act=act, may_be_new=True, name=chosen.name, version=chosen.version, **about)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one command at a time change the champion of a home."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _tidy(home / "champion")
        yield


def _tidy(copies: Path) -> None:
    """Remove what fetches that were broken off have left; one that is under way is younger."""
    from models.registry import FETCHED

    for left in copies.glob(f"{FETCHED}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left)
