"""The scorer of the points rung: a scorecard in the place of a model."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from features.vectors import Vectoriser
from features.words import ENGLISH
from models.batch_scorer import BatchScorer
from models.grades import grade
from models.score import BUILT_IN_VERSION, Score, Unscorable
from models.scorecard.points import BoundCard
from models.scorecard.points_reasons import HIGHEST, RuleReasoning
from models.unheeded import Unheeded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.feature import Family
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.vectors import Vectors
    from features.words import Phrasebook
    from models.score import Rung
    from models.scorecard.points_card import PointsCard

NO_MODEL = (
    "There is no model yet: the score is of the points scorecard that comes with LeadLens, which has learned "
    "nothing from this company's leads."
)


class PointsScorer(BatchScorer):
    """A scorecard with what it needs to read leads. Pure: the same batch, the same scores.

    The score is the points, rounded down and clipped to 0-99. It is no rank and no probability: there are no
    log-odds, and nothing was learned, so the confidence is low.
    """

    def __init__(
        self,
        *,
        name: str,
        version: int | None,
        mapping: Mapping,
        spec: FeatureSpec,
        card: PointsCard,
        words: Phrasebook = ENGLISH,
        artifact_sha256: str | None = None,
    ) -> None:
        """`artifact_sha256` is the digest of the artifact's list of checksums, None before it is saved."""
        self.name = name
        self.version = version
        self.artifact_sha256 = artifact_sha256
        self.mapping = mapping
        self.spec = spec
        self.card = BoundCard(card, spec)
        self.rung: Rung = "points"
        self.vectors = Vectoriser(spec)
        self._unheeded = Unheeded(spec, mapping)
        self.words = words
        self._reasoning = RuleReasoning(self.card, words)
        self._most = {family: self.card.most(family) for family in ("fit", "engagement")}
        self._of_family = {family: spec.only(family) for family in ("fit", "engagement")}

    @property
    def base_rate(self) -> None:
        """None: nothing was learned."""
        return

    def slope(self, _start: float, _end: float) -> float:
        """Return 1: contributions are points."""
        return 1.0

    def warnings(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return what in the batch the score takes no notice of, and what it misses.

        Of the scorecard that comes with LeadLens, first of all, that there is no model yet.
        """
        found = self._unheeded.of_columns(batch, vectors)
        return (NO_MODEL, *found) if self.version == BUILT_IN_VERSION else found

    def scores_of(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the scores, int64 (n,), of points (n,)."""
        return np.clip(np.floor(points), 0, HIGHEST).astype(np.int64)

    def score_vectors(
        self, batch: LeadBatch, vectors: Vectors, warnings: tuple[str, ...], *, shown: int | None
    ) -> list[Score | Unscorable]:
        """Return the scores of vectors that were made from the batch."""
        worths = self.card.worths(vectors.values)
        contributions = self.card.by_feature(worths)
        score = self.scores_of(worths.sum(axis=1))
        fit = self._share(contributions, "fit")
        engagement = self._share(contributions, "engagement") if self.spec.has_events else None
        of_events = self._unheeded.of_events(batch)
        scores: list[Score | Unscorable] = []
        for row, lead_id in enumerate(batch.lead_ids):
            if row in vectors.faults:
                scores.append(Unscorable(lead_id=lead_id, faults=vectors.faults[row]))
                continue
            values = vectors.values[row]
            engaged = None if engagement is None else int(engagement[row])
            scores.append(
                Score(
                    lead_id=lead_id,
                    as_of=int(batch.as_of[row]),
                    score=int(score[row]),
                    probability=None,
                    probability_low=None,
                    probability_high=None,
                    horizon_days=self.horizon_days,
                    fit_score=int(fit[row]),
                    engagement_score=engaged,
                    grade=grade(int(fit[row]), engaged),
                    rung=self.rung,
                    confidence="low",
                    baseline_score=0,
                    baseline_probability=None,
                    base_rate=None,
                    reasons=self._reasoning.reasons(values, worths[row], score=int(score[row]), shown=shown),
                    model_name=self.name,
                    model_version=self.version,
                    features_sha256=hashlib.sha256(values.astype("<f8").tobytes()).hexdigest(),
                    warnings=(*warnings, *of_events[row]),
                    margin=None,
                    expected_margin=None,
                    vector=values,
                    contributions=contributions[row],
                )
            )
        return scores

    def _share(self, contributions: NDArray[np.float64], family: Family) -> NDArray[np.int64]:
        """Return a family's points as a share of the most that it can give, 0-99, int64 (n,)."""
        most = self._most[family]
        given = contributions[:, self._of_family[family]].sum(axis=1)
        return self.scores_of(100.0 * given / most if most else np.zeros(len(given)))
