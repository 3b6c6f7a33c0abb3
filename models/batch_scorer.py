"""What scorers have in common: leads become vectors, vectors become scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from features.durations import DAY_US
from models.unheeded import nobody

if TYPE_CHECKING:
    from features.batch import LeadBatch
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.vectors import Vectoriser, Vectors
    from features.words import Phrasebook
    from models.score import Rung, Score, Unscorable


class BatchScorer(ABC):
    """A scorer of whatever rung; see `models.scoring.Scorer`."""

    name: str
    version: int | None
    mapping: Mapping
    spec: FeatureSpec
    artifact_sha256: str | None
    vectors: Vectoriser
    rung: Rung
    words: Phrasebook

    @property
    def horizon_days(self) -> float | None:
        """The horizon of the mapping in days, None where it has none and for flat data."""
        horizon = self.mapping.training.horizon
        return None if horizon is None or not self.mapping.is_dated else horizon / DAY_US

    def score(self, batch: LeadBatch, *, shown: int | None = 5) -> list[Score | Unscorable]:
        """Return a score for each lead of the batch, in order, or what is wrong with it.

        `shown` is how many reasons are told before the last, which holds the rest; None tells all.
        """
        if not len(batch):
            return []
        vectors = self.vectors(batch)
        return self.score_vectors(batch, vectors, self.warnings(batch, vectors), shown=shown)

    def warm_up(self) -> None:
        """Score nobody in particular once, so that the first lead does not wait for kernels to compile."""
        self.score(nobody())

    @abstractmethod
    def warnings(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return what in the batch the score takes no notice of, and what it misses."""

    @abstractmethod
    def score_vectors(
        self, batch: LeadBatch, vectors: Vectors, warnings: tuple[str, ...], *, shown: int | None
    ) -> list[Score | Unscorable]:
        """Return the scores of vectors that were made from the batch."""
