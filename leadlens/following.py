"""The registry's champion, followed: what MLflow's pages or another machine promote comes into the home."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.errors import InputError, RefusedError
from leadlens.acts import note
from leadlens.champion_change import bring
from models.champion import champion_folder, pointed_to, points_to
from models.errors import ArtifactError, NotNowError
from models.preparing import is_prepared
from models.registry import CHAMPION
from models.registry_words import without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.preparing_apart import Preparer
    from models.registry import Registered, Registry
    from serving.conditions import Board
    from serving.settings import Settings

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 600.0
"""After a failure a version is tried again after the first pause, then after twice as long, and so on."""

_log = logging.getLogger("leadlens.follower")


@dataclass(slots=True)
class _Failure:
    """What went wrong with a version the last time, and when it is tried again (seconds of the clock).

    `files` is the digest of the files that were refused, None where there were none or it was no refusal.
    """

    version: Registered
    said: str
    files: str | None
    again_at: float
    pause_seconds: float


class Following:
    """Looks which version is champion in the registry, and brings a new one into the home, or refuses it.

    A version is refused where its artifact cannot serve. The same files are not tried again, while the alias
    stays where it is; a cause that may pass is, after pauses that grow. What is wrong is said once in the log
    and in the audit log, and goes on standing on the board until it is right.

    `seconds` is a clock that never goes back. `has_champion`: the registry had one at the last look.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        preparer: Preparer,
        board: Board,
        keep: Callable[[Settings], set[int] | None],
        *,
        seconds: Callable[[], float] = time.monotonic,
        on_refusal: Callable[[], object] = lambda: None,
    ) -> None:
        """`keep`: which versions recorded scores are replayed with, None for all.

        `on_refusal` is told of each refusal that is news, for it to be counted.
        """
        self._on_refusal = on_refusal
        self._settings = settings
        self._registry = registry
        self._preparer = preparer
        self._board = board
        self._keep = keep
        self._seconds = seconds
        self._failure: _Failure | None = None
        self._served: Registered | None = None
        self._away = ""
        self.has_champion = False

    def look(self) -> None:
        """Ask the registry once, do what is to be done, and tell the board how things are."""
        try:
            champion = self._registry.aliased(CHAMPION)
        except (InputError, OSError) as problem:
            self._say_away(problem)
        else:
            if self._away:
                _log.info("The registry answers again.")
                self._away = ""
            self.has_champion = champion is not None
            if champion is not None:
                self._bring(champion)
        self.tell()

    def tell(self) -> None:
        """Tell the board how registry and champion are, which has to hear it again and again."""
        self._board.tell("registry", "degraded" if self._away else "ok", self._away)
        failure = self._failure
        self._board.tell("champion", *(("ok", "") if failure is None else ("degraded", failure.said)))

    def _say_away(self, problem: Exception) -> None:
        if not self._away:
            _log.error("The registry cannot be asked which version is champion: %s", _shown(problem))
        self._away = (
            f"The registry cannot be asked which version is champion: {_shown(problem)} "
            "What serves goes on serving; promotions are followed once the registry answers."
        )

    def _bring(self, champion: Registered) -> None:
        if self._failure is not None and self._failure.version != champion:
            self._failure = None
        is_here = points_to(self._settings.home, version=champion.version, run_id=champion.run_id)
        if champion == self._served and is_here:
            return
        if self._failure is not None and self._seconds() < self._failure.again_at:
            return
        before = pointed_to(self._settings.home)
        if is_here and is_prepared(champion_folder(self._settings.home, champion.version)):
            self._now_serves(champion)
            return
        try:
            if not bring(
                self._settings.home, self._registry, champion, self._keep(self._settings), self._prepared
            ):
                return
        except (NotNowError, InputError, OSError, MemoryError) as problem:
            self._fail(champion, before, f"cannot be prepared yet: {_shown(problem)}", None)
        except (ArtifactError, RefusedError) as problem:
            self._refuse(champion, before, problem)
        else:
            _log.info("Version %d is champion, and prepared. Before: %s", champion.version, before)
            self._now_serves(champion)
            if before == champion.version:
                note(self._settings.home, champion, act="champion copied again", by_service=True)
            else:
                note(self._settings.home, champion, act="version followed", by_service=True, before=before)

    def _now_serves(self, champion: Registered) -> None:
        self._served, self._failure = champion, None

    def _prepared(self, folder: Path, copies: Path) -> str:
        """Prepare a copy, unless it is the one that was refused: then it is refused again, unread."""
        files, failure = _digest(folder), self._failure
        if failure is not None and failure.files == files:
            raise _RefusedBeforeError(failure.said)
        try:
            return self._preparer.prepare(folder, copies)
        except NotNowError:
            raise
        except ArtifactError as problem:
            said = str(problem).replace(f"{folder}: ", "").removeprefix(f"{folder.name}: ")
            raise _RefusedFilesError(said, files) from problem

    def _refuse(self, version: Registered, before: int | None, problem: Exception) -> None:
        if isinstance(problem, _RefusedBeforeError) and self._failure is not None:
            self._pause_longer(self._failure)
            return
        files = problem.files if isinstance(problem, _RefusedFilesError) else None
        is_news = self._fail(version, before, f"was refused: {_shown(problem)}", files)
        if is_news:
            self._on_refusal()
            why = _shown(problem)[:500]
            note(self._settings.home, version, act="version refused", by_service=True, why=why)

    def _fail(self, version: Registered, before: int | None, said: str, files: str | None) -> bool:
        """Keep what went wrong; return whether it is news, which the log is told."""
        goes_on = "nothing serves in its place" if before is None else f"version {before} goes on serving"
        remedy = (
            f"version {version.version} is tried again by itself"
            if files is None
            else "promote a sound version, or go back with leadlens rollback"
        )
        told = f"Version {version.version} {said.rstrip('.')}; {goes_on}. What to do: {remedy}."
        failure = self._failure
        if failure is not None and failure.said == told:
            self._pause_longer(failure)
            return False
        pause = FIRST_PAUSE_SECONDS if failure is None else failure.pause_seconds
        self._failure = _Failure(version, told, files, self._seconds() + pause, pause)
        _log.error("%s", told)
        return True

    def _pause_longer(self, failure: _Failure) -> None:
        failure.pause_seconds = min(2 * failure.pause_seconds, LONGEST_PAUSE_SECONDS)
        failure.again_at = self._seconds() + failure.pause_seconds


class _RefusedFilesError(ArtifactError):
    """An artifact that cannot serve, with the digest of its files."""

    def __init__(self, said: str, files: str) -> None:
        self.files = files
        super().__init__(said)


class _RefusedBeforeError(ArtifactError):
    """An artifact whose very files were refused before."""


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            found.update(f"{path.name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _shown(problem: Exception) -> str:
    """Return an exception's words in one line, without any credentials."""
    said = " ".join(str(problem).split()) or type(problem).__name__
    return without_credentials(said)[:1_000]
