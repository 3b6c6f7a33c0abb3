"""Another champion: the alias in the registry, the copy that serves, and the log of acts, in this order.

What may refuse is asked before anything is changed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from features.errors import RefusedError
from leadlens.acts import note

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
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

    What is interrupted here leaves a home that serves one whole version, the one before or the new one, and
    `copy_again` does what is missing. `about` goes into the audit log.
    Raises RefusedError where another version became champion meanwhile.
    """
    from models.registry import CHAMPION

    with alone(home):
        now = registry.aliased(CHAMPION)
        if now != over:
            said = "none" if now is None else f"version {now.version}"
            raise RefusedError(
                f"The champion changed while version {chosen.version} was judged: it is {said} now. "
                f"Nothing was changed. Judge it again: leadlens promote {chosen.version}"
            )
        keep = _copies_to_keep(home)
        fetch_prepared(home, registry, chosen)
        registry.tag(chosen, tags)
        registry.promote(chosen)
        _serve(home, chosen, keep)
        before = None if now is None else now.version
        note(home, chosen, act="version promoted", before=before, **about)


def copy_again(home: Path, registry: Registry, champion: Registered) -> None:
    """Copy the champion of the registry into a home once more, for a promotion may have been interrupted.

    The log is told of it with the tags of the version, so that why a gate was overruled is never lost.
    Raises RefusedError where another version became champion meanwhile.
    """
    from models.registry import CHAMPION

    with alone(home):
        if registry.aliased(CHAMPION) != champion:
            raise RefusedError(
                f"Version {champion.version} is champion no more. Nothing was changed. "
                f"Judge it again: leadlens promote {champion.version}"
            )
        keep = _copies_to_keep(home)
        tags = registry.tags(champion)
        fetch_prepared(home, registry, champion)
        _serve(home, champion, keep)
        failed = [gate for gate in tags.get("failed", "").split(", ") if gate]
        forced: dict[str, Any] = {"forced": True, "why": tags.get("why", ""), "failed": failed}
        note(home, champion, act="champion copied again", **(forced if tags.get("forced") == "yes" else {}))


def bring(
    home: Path,
    registry: Registry,
    champion: Registered,
    keep: Collection[int] | None,
    prepared: Callable[[Path, Path], str],
) -> bool:
    """Make a home serve the champion of the registry; return whether it does.

    It does not where a command changes the champion just now, or another version became champion meanwhile:
    then there is nothing to be done here. Raises ArtifactError where the version cannot serve.
    """
    from models.registry import CHAMPION

    with alone_at_once(home) as mine:
        if not mine or registry.aliased(CHAMPION) != champion:
            return False
        fetch_prepared(home, registry, champion, prepared)
        _serve(home, champion, keep)
    return True


def roll_back(home: Path, registry: Registry) -> tuple[Registered, Registered]:
    """Make the champion before the champion again; return the one that was left and the one that serves.

    Raises RefusedError where there is none to go back to.
    """
    from models.registry import CHAMPION

    with alone(home):
        left = registry.aliased(CHAMPION)
        if left is None:
            raise RefusedError("There is no champion, so there is nothing to go back from.")
        keep, restored = _copies_to_keep(home), registry.before(left)
        fetch_prepared(home, registry, restored)
        registry.rollback(left, restored)
        _serve(home, restored, keep)
        note(home, restored, act="version rolled back", before=left.version)
    return left, restored


def fetch_prepared(
    home: Path, registry: Registry, version: Registered, prepared: Callable[[Path, Path], str] | None = None
) -> None:
    """Copy a version into a home, checked in every way, and with its tables, before anything points to it.

    `prepared` is given the copy and the folder of copies; it checks, and writes the tables. By itself that is
    `models.preparing.prepare_once`, in this process. Raises ArtifactError where the version cannot serve.
    """
    from models.champion import champion_folder
    from models.preparing import prepare_once

    folder = champion_folder(home, version.version)
    accept = prepared or prepare_once
    registry.fetch(version, folder, lambda copy: accept(copy, folder.parent))


def _copies_to_keep(home: Path) -> Collection[int] | None:
    """Return the versions that recorded scores are replayed with, None for all that there are.

    Raises InputError where a setting cannot be used.
    """
    from serving.jobs.retention import retained_versions
    from serving.settings import settings_from

    return retained_versions(settings_from(os.environ, home=home))


def _serve(home: Path, chosen: Registered, keep: Collection[int] | None) -> None:
    """Point servers to the copy of a version; of the other copies stays what is to `keep`."""
    from models.champion import point_to

    point_to(home, name=chosen.name, version=chosen.version, run_id=chosen.run_id, keep=keep)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Let one command at a time change the champion of a home. Others wait."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _tidy(home / "champion")
        yield


@contextmanager
def alone_at_once(home: Path) -> Iterator[bool]:
    """Do as `alone` does without waiting: give False where another changes the champion just now."""
    with (home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        _tidy(home / "champion")
        yield True


def _tidy(copies: Path) -> None:
    """Remove what fetches that were broken off have left; one that is under way is younger."""
    from models.registry import FETCHED

    for left in copies.glob(f"{FETCHED}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left)
