"""The model that serves: the local copy of the last champion, loaded without any registry."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from serving.answers import Answerer, Scorer
from serving.requests import RequestReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from decisions.policy import Policy
    from serving.settings import Settings

LoadScorer: TypeAlias = "Callable[[Path, int | None], Scorer]"
"""What turns a folder and the version it holds into a scorer."""

FOLDER = "champion"
CURRENT = "current"

_log = logging.getLogger("leadlens.champion")


def load_champion(folder: Path, version: int | None) -> Scorer:
    """Load a champion's folder. Raises ArtifactError where it is damaged."""
    from models.artifact import load_scorer  # noqa: PLC0415 - LightGBM: only where there is a model to load

    return load_scorer(folder, version=version)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one version of the file `current` from the next."""

    modified_ns: int
    inode: int


class Champion:
    """Holds the answerer of the current champion, and follows promotions.

    `<home>/champion/current` is JSON: `name`, `version`, and `folder`, which stands beside it. It is looked
    at for each request (microseconds), and read again when it was replaced. A champion that cannot be
    loaded is said in the log, and the one before it keeps serving.
    """

    def __init__(self, settings: Settings, policy: Policy, load: LoadScorer) -> None:
        self._folder = settings.home / FOLDER
        self._settings = settings
        self._policy = policy
        self._load = load
        self._stamp: _Stamp | None = None
        self._answerer: Answerer | None = None

    def answerer(self) -> Answerer | None:
        """Return who answers now, or None where no champion could ever be loaded."""
        stamp = self._look()
        if stamp is not None and stamp != self._stamp:
            self._stamp = stamp
            self._answerer = self._loaded() or self._answerer
        return self._answerer

    def _look(self) -> _Stamp | None:
        try:
            status = (self._folder / CURRENT).stat()
        except OSError:
            return None
        return _Stamp(status.st_mtime_ns, status.st_ino)

    def _beside(self, name: str) -> Path:
        if not name or Path(name).name != name:
            raise ValueError(f"expected the name of a folder beside {CURRENT}, found {name!r}")
        return self._folder / name

    def _loaded(self) -> Answerer | None:
        try:
            current = json.loads((self._folder / CURRENT).read_text(encoding="utf-8"))
            scorer = self._load(self._beside(current["folder"]), current["version"])
        except Exception as problem:  # noqa: BLE001 - whatever a damaged folder raises, the service stays up
            _log.error("The champion cannot be loaded: %s: %s", type(problem).__name__, problem)
            return None
        _log.info("Serving %s, version %s", scorer.name, scorer.version)
        reader = RequestReader(
            scorer.mapping,
            event_limit=self._settings.event_limit,
            batch_limit=self._settings.batch_limit_leads,
        )
        return Answerer(scorer, self._policy, reader)
