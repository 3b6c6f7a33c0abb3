"""The scorers of versions that serve no more: from their copies in the home, for what they once scored."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from features.errors import RefusedError
from models.errors import ArtifactError
from models.score import BUILT_IN_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from models.scoring import Scorer


class ScoredBy(Protocol):
    """What a record's header says of the model that gave its score."""

    @property
    def id(self) -> str:
        """The record's id."""
        ...

    @property
    def model_name(self) -> str:
        """The model's name."""
        ...

    @property
    def model_version(self) -> int | None:
        """The model's version."""
        ...

    @property
    def model_sha256(self) -> str | None:
        """The digest of the model's artifact."""
        ...


class NoModelError(RefusedError):
    """The version that gave a score has no sound local copy; it may be in the registry still."""

    def __init__(self, version: int, said: str) -> None:
        self.version = version
        super().__init__(f"{said} Copy version {version} from the registry again: leadlens replay --fetch")


class LocalVersions:
    """Loads the local copies of versions in a home, and holds the `most` used last (None: all).

    Several threads may ask at once; one loads at a time.
    """

    def __init__(self, home: Path, most: int | None = None) -> None:
        self._home = home
        self._most = most
        self._loading = threading.Lock()
        self._scorers: OrderedDict[int, Scorer] = OrderedDict()

    def scorer_of(self, record: ScoredBy) -> Scorer:
        """Return the scorer that gave a recorded score.

        Raises RefusedError where it is not here any more: NoModelError where only its copy is missing.
        """
        version = record.model_version
        if version is None:
            raise RefusedError(f"Record {record.id} was scored by a model without a version.")
        with self._loading:
            scorer = self._scorers.pop(version, None)
            if scorer is None or scorer.artifact_sha256 != record.model_sha256:
                scorer = self._loaded(version)  # the copy may have been put right since
            self._scorers[version] = scorer
            while self._most is not None and len(self._scorers) > self._most:
                self._scorers.popitem(last=False)
        if (scorer.name, scorer.artifact_sha256) != (record.model_name, record.model_sha256):
            raise RefusedError(
                f"Record {record.id} was scored by '{record.model_name}', version {version}, with the "
                f"artifact {record.model_sha256}; the copy here is {scorer.artifact_sha256} of "
                f"'{scorer.name}'. "
                "The registry was begun anew since: put the old artifact back from a backup."
            )
        return scorer

    def _loaded(self, version: int) -> Scorer:
        from models.champion import champion_folder  # noqa: PLC0415 - only where there is a model to load
        from models.preparing import load_prepared  # noqa: PLC0415 - as above
        from models.stand_in import kept_stand_in  # noqa: PLC0415 - as above

        folder = champion_folder(self._home, version)
        if version == BUILT_IN_VERSION:
            folder = kept_stand_in(self._home)
        if not folder.exists():
            raise NoModelError(version, f"Version {version} has no copy in this home.")
        try:
            return load_prepared(folder, version=version)
        except ArtifactError as problem:
            raise NoModelError(version, str(problem)) from problem
