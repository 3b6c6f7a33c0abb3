"""What scorers have in common: leads become vectors, vectors are rated, and what is rated becomes scores."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from itertools import repeat
from typing import TYPE_CHECKING, Any

from features.durations import DAY_US
from models.grades import grade
from models.rated import CONFIDENCES
from models.score import Score, Unscorable
from models.scoring import Scorer
from models.threads import threads_for
from models.unheeded import nobody

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.vectors import Vectors
    from models.next_acts import NextActs
    from models.rated import Rated
    from models.reasons.texts import Texts
    from models.score import Reason
    from models.unheeded import Unheeded


class BatchScorer(Scorer):
    """A scorer of whatever rung, made of how it rates vectors and how it gives its reasons.

    `unheeded` says what it takes no notice of.
    """

    unheeded: Unheeded

    next_acts: NextActs | None = None

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
    def reasons(self, rated: Rated, row: int, values: NDArray[np.float64]) -> tuple[Reason, ...]:
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
        rated = self.rated(vectors.values, shown=shown, threads=threads_for(len(batch)))
        of_events = self.unheeded.of_events(batch)
        horizon_days, base_rate = self.horizon_days, self.base_rate
        scores: list[Score | Unscorable] = []
        for row, (lead_id, as_of, score, fit, engaged, confidence, margin, point, low, high) in enumerate(
            zip(
                batch.lead_ids,
                batch.as_of.tolist(),
                rated.score.tolist(),
                rated.fit_score.tolist(),
                _listed(rated.engagement_score),
                rated.confidence.tolist(),
                _listed(rated.margin),
                _listed(rated.probability),
                _listed(rated.low),
                _listed(rated.high),
                strict=False,
            )
        ):
            if row in vectors.faults:
                scores.append(Unscorable(lead_id=lead_id, faults=vectors.faults[row]))
                continue
            values = vectors.values[row]
            scores.append(
                Score(
                    lead_id=lead_id,
                    as_of=as_of,
                    score=score,
                    probability=point,
                    probability_low=low,
                    probability_high=high,
                    horizon_days=horizon_days,
                    fit_score=fit,
                    engagement_score=engaged,
                    grade=grade(fit, engaged),
                    rung=self.rung,
                    confidence=CONFIDENCES[confidence],
                    baseline_score=rated.baseline_score,
                    baseline_probability=rated.baseline_probability,
                    base_rate=base_rate,
                    reasons=self.reasons(rated, row, values),
                    model_name=self.name,
                    model_version=self.version,
                    features_sha256=hashlib.sha256(values.astype("<f8", copy=False).tobytes()).hexdigest(),
                    warnings=(*warnings, *of_events[row]),
                    margin=margin,
                    expected_margin=rated.expected,
                    vector=values,
                    contributions=rated.contributions[row],
                )
            )
        return scores


def _listed(column: NDArray[Any] | None) -> Iterable[Any]:
    return repeat(None) if column is None else column.tolist()
