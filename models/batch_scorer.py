"""What scorers have in common: leads become vectors, vectors are rated, and what is rated becomes scores."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from features.durations import DAY_US
from features.events import NO_TIME
from features.lead_log import NO_EVENTS
from features.one_lead import OneLead
from models.grades import grade
from models.score import Score, Unscorable
from models.scoring import Scorer
from models.threads import threads_for
from models.unheeded import nobody

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.vectors import Vectors, VectorsOfEach
    from models.next_acts import NextActs
    from models.rated import Rated, Row, Rows
    from models.reasons.texts import Texts
    from models.score import Reason
    from models.unheeded import Unheeded


class BatchScorer(Scorer):
    """A scorer of whatever rung, made of how it rates vectors and how it gives its reasons.

    `unheeded` says what it takes no notice of.
    """

    unheeded: Unheeded

    said_first: tuple[str, ...] = ()
    """What is said of each score before what it takes no notice of."""

    next_acts: NextActs | None = None

    @cached_property
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

    def warnings(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return what in the batch the score takes no notice of, and what it misses."""
        return self.said_first + self.unheeded.of_columns(batch, vectors)

    def warm_up(self) -> None:
        """Score nobody in particular once, so that the first lead does not wait for kernels to compile."""
        self.score(nobody())
        alone = [OneLead("", NO_TIME, 0, {}, NO_EVENTS)]
        self.score_each(alone, self.vectors.of_each(alone), shown=None)

    @abstractmethod
    def rows(self, values: NDArray[np.float64], *, shown: int | None, threads: int = 1) -> Rows:
        """Return what `rated` does, row by row."""
        ...

    @abstractmethod
    def reasons(self, row: Row, held: list[float]) -> tuple[Reason, ...]:
        """Return the reasons of one row in words, from what is rated and the row's vector."""
        ...

    @abstractmethod
    def texts(self, rated: Rated, values: NDArray[np.float64], left_out: Collection[int] = ()) -> Texts:
        """Return the texts of the reasons of all rows as columns, for files of many scores.

        They are those of `reasons`. Rows that are `left_out`, as those with faults, are not told.
        """
        ...

    def score_vectors(
        self, batch: LeadBatch, vectors: Vectors, warnings: tuple[str, ...], *, shown: int | None
    ) -> list[Score | Unscorable]:
        """Return the scores of vectors that were made from the batch."""
        values, faults, lead_ids = vectors.values, vectors.faults, batch.lead_ids
        rated = self.rows(values, shown=shown, threads=threads_for(len(batch)))
        of_events = self.unheeded.of_events(batch)
        moments, held = batch.as_of.tolist(), values.tolist()
        scores: list[Score | Unscorable] = []
        for at, lead_id in enumerate(lead_ids):
            if at in faults:
                scores.append(Unscorable(lead_id=lead_id, faults=faults[at]))
                continue
            told = warnings + of_events[at]
            scores.append(self._told(rated, at, lead_id, moments[at], values[at], held[at], told))
        return scores

    def score_each(
        self, leads: Sequence[OneLead], vectors: VectorsOfEach, *, shown: int | None
    ) -> list[Score | Unscorable]:
        """Return the scores of leads, of the vectors that were made of them: what its batch gives each."""
        values = vectors.values
        rated = self.rows(values, shown=shown)
        unheeded, held = self.unheeded, values.tolist()
        return [
            Unscorable(lead_id=lead.lead_id, faults=faults)
            if faults
            else self._told(
                rated, at, lead.lead_id, lead.as_of, values[at], held[at],
                self.said_first + unheeded.of_one(lead, vectors.absent[at], is_late=vectors.is_late[at]),
            )
            for at, (lead, faults) in enumerate(zip(leads, vectors.faults, strict=True))
        ]  # fmt: skip

    def _told(  # noqa: PLR0917  # what one score is made of
        self,
        rated: Rows,
        at: int,
        lead_id: str,
        as_of: int,
        vector: NDArray[np.float64],
        held: list[float],
        warnings: tuple[str, ...],
    ) -> Score:
        row = rated.rows[at]
        return Score(
            lead_id=lead_id,
            as_of=as_of,
            score=row.score,
            probability=row.probability,
            probability_low=row.low,
            probability_high=row.high,
            horizon_days=self.horizon_days,
            fit_score=row.fit_score,
            engagement_score=row.engagement_score,
            grade=grade(row.fit_score, row.engagement_score),
            rung=self.rung,
            confidence=row.confidence,
            baseline_score=rated.baseline_score,
            baseline_probability=rated.baseline_probability,
            base_rate=self.base_rate,
            reasons=self.reasons(row, held),
            model_name=self.name,
            model_version=self.version,
            features_sha256=sha256(vector.astype("<f8", "C", copy=False).data).hexdigest(),
            warnings=warnings,
            margin=row.margin,
            expected_margin=rated.expected,
            vector=vector,
            contributions=rated.contributions[at],
        )
