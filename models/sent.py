"""A scorer on its way to another process: the text of its artifact, checked where it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from features.words import phrasebook_from
from models.artifact import load_scorer, save_scorer

if TYPE_CHECKING:
    from models.scorecard.points_scorer import PointsScorer
    from models.scorer import LeadScorer


@dataclass(frozen=True, slots=True)
class SentScorer:
    """The files of an artifact, by name, the version, and the source of the words. Nothing in it is code.

    >>> SentScorer.of(scorer).scorer().version == scorer.version  # doctest: +SKIP
    True
    """

    files: tuple[tuple[str, bytes], ...]
    version: int | None
    words: str | None = None

    @classmethod
    def of(cls, scorer: LeadScorer | PointsScorer) -> SentScorer:
        """Return a scorer as it is sent."""
        with TemporaryDirectory() as name:
            save_scorer(scorer, Path(name))
            files = tuple((path.name, path.read_bytes()) for path in sorted(Path(name).iterdir()))
        return cls(files, scorer.version, scorer.words.source)

    def scorer(self) -> LeadScorer | PointsScorer:
        """Return the scorer, which is loaded once in each process. Raises ArtifactError as loading does."""
        return _loaded(self)


@lru_cache(maxsize=2)
def _loaded(sent: SentScorer) -> LeadScorer | PointsScorer:
    with TemporaryDirectory() as name:
        for file, content in sent.files:
            (Path(name) / file).write_bytes(content)
        return load_scorer(Path(name), version=sent.version, words=phrasebook_from(sent.words))
