"""What every scorer can do, whatever its rung: what files, requests and replays need of it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.mapping import Mapping
    from features.one_lead import OneLead
    from features.spec import FeatureSpec
    from features.vectors import Vectoriser, Vectors, VectorsOfEach
    from features.words import Phrasebook
    from models.next_acts import NextActs
    from models.rated import Rated
    from models.score import Rung, Score, Unscorable


class Scorer(Protocol):
    """Leads at moments in, scores with their reasons out. Pure; several threads may call it at once.

    `artifact_sha256` is the digest of the artifact that it was loaded from, None where there is none.
    `vectors` makes the feature vectors of its spec. `words` are those in which it gives reasons; `next_acts`
    is what such leads did next, None where that was not learned.
    """

    name: str
    version: int | None
    mapping: Mapping
    spec: FeatureSpec
    artifact_sha256: str | None
    vectors: Vectoriser
    rung: Rung
    words: Phrasebook
    next_acts: NextActs | None

    @property
    @abstractmethod
    def horizon_days(self) -> float | None:
        """The horizon in days, None where there is none."""
        ...

    @property
    @abstractmethod
    def base_rate(self) -> float | None:
        """The census's share of label 1, None where nothing was learned."""
        ...

    @abstractmethod
    def score(self, batch: LeadBatch, *, shown: int | None = 5) -> list[Score | Unscorable]:
        """Return a score for each lead of the batch, in order, or what is wrong with it.

        `shown` is how many reasons are told before the last, which holds the rest; None tells all.
        """
        ...

    @abstractmethod
    def rated(self, values: NDArray[np.float64], *, shown: int | None, threads: int) -> Rated:
        """Return the scores of vectors, float64 (n, features), as columns.

        `shown` bounds the reasons before the last; None tells all. A row depends on nothing but itself:
        one row and a million rows give the same bits, whatever `threads` says.
        """
        ...

    @abstractmethod
    def score_vectors(
        self, batch: LeadBatch, vectors: Vectors, warnings: tuple[str, ...], *, shown: int | None
    ) -> list[Score | Unscorable]:
        """Return the scores of vectors that were made from the batch."""
        ...

    @abstractmethod
    def score_each(
        self, leads: Sequence[OneLead], vectors: VectorsOfEach, *, shown: int | None
    ) -> list[Score | Unscorable]:
        """Return the scores of leads, of the vectors that were made of them: what its batch gives each."""
        ...

    @abstractmethod
    def slope(self, start: float, end: float) -> float:
        """Return the points of score for a unit of contribution between two margins."""
        ...

    @abstractmethod
    def warnings(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return what in the batch the score takes no notice of, and what it misses."""
        ...

    @abstractmethod
    def warm_up(self) -> None:
        """Score nobody in particular once, so that the first lead does not wait."""
        ...
