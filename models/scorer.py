"""The scorer: leads at moments in, calibrated scores with their reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from features.vectors import Vectoriser
from features.words import ENGLISH
from models.batch_scorer import BatchScorer
from models.contributions import Attributions
from models.rated import CONFIDENCES, Rated
from models.reasons.largest import NOBODY
from models.reasons.not_known import NAMED, NO_GROUP
from models.reasons.rest import rests
from models.reasons.telling import GRAIN, Moved, Reasoning
from models.threads import threads_for
from models.unheeded import column_warnings

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.vectors import Vectors
    from features.words import Phrasebook
    from models.blend import Blend
    from models.calibration import Calibration
    from models.curve import Curve
    from models.next_acts import NextActs
    from models.score import Reason, Rung

SURE = 200
"""From so many conversions on a model is sure of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What a score is relative to: the out-of-fold census.

    `margin`, `fit` and `engagement` are the mid-ranks (0-1) of the margin and of the two families' sums;
    `engagement` is None for a model without events. `base_rate` is the census's share of label 1 (0-1),
    `conversions` the number of leads with label 1 that were trained on. `usual` float64 (features,) are the
    values of which half of the census has no more, or of categories the code that is most common, NaN where
    nothing is known; None for a model that does not tell.
    """

    margin: Curve
    fit: Curve
    engagement: Curve | None
    base_rate: float
    conversions: int
    usual: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class Margins:
    """`contributions` float64 (n, features), the `expected` margin, and `margin` (n,): their sum in order."""

    contributions: NDArray[np.float64]
    expected: float
    margin: NDArray[np.float64]


class LeadScorer(BatchScorer):
    """A booster with everything that makes its margins a score. Pure: the same batch, the same scores.

    With a `blend` its margins are those of booster and scorecard together.
    """

    def __init__(  # noqa: PLR0913  # the parts of a scorer, all by name
        self,
        *,
        name: str,
        version: int | None,
        mapping: Mapping,
        spec: FeatureSpec,
        booster: lightgbm.Booster,
        calibration: Calibration,
        population: Population,
        blend: Blend | None = None,
        words: Phrasebook = ENGLISH,
        next_acts: NextActs | None = None,
        artifact_sha256: str | None = None,
    ) -> None:
        """`artifact_sha256` is the digest of the artifact's list of checksums, None before it is saved."""
        self.name = name
        self.version = version
        self.artifact_sha256 = artifact_sha256
        self.mapping = mapping
        self.spec = spec
        self.booster = booster
        self.calibration = calibration
        self.population = population
        self.blend = blend
        self.next_acts = next_acts
        self.words = words
        self.rung: Rung = "model" if blend is None else "blend"
        self.vectors = Vectoriser(spec)
        self.attributions = Attributions(booster)
        self._reasoning = Reasoning(spec, population.usual, words)
        self._known_columns = _groups_of_columns(spec)

    @property
    def base_rate(self) -> float:
        """The census's share of label 1."""
        return self.population.base_rate

    def margins(self, values: NDArray[np.float64]) -> Margins:
        """Return exact contributions and margins (log-odds) of vectors, float64 (n, features)."""
        raw = self.attributions.values(values, threads=threads_for(len(values)))
        contributions, expected = raw[:, :-1], float(raw[0, -1])
        if self.blend is not None:
            expected = self.blend.expected(expected)
            contributions = self.blend.contributions(contributions, values)
        margin = np.full(len(values), expected)
        for feature in range(contributions.shape[1]):
            margin += contributions[:, feature]
        return Margins(contributions, expected, margin)

    def margins_alone(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the margins, float64 (n,), without their contributions, in a hundredth of the time.

        They are those of `margins` but for rounding: within 1e-12 of it relatively.
        """
        alone = np.asarray(self.booster.predict(values, raw_score=True), np.float64)
        return alone if self.blend is None else self.blend.margins(alone, values)

    def slope(self, start: float, end: float) -> float:
        """Return the points of score for a unit of log-odds between two margins.

        It is the slope of 100 x rank between them or, where they are nearer than 0.1, over the start ± 0.1.
        """
        ends = np.asarray([start, start - 0.1, start + 0.1])
        return float(_slopes(np.asarray([end]), ends, self.population.margin)[0])

    def warnings(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:
        """Return what in the batch the score takes no notice of, and what it misses."""
        return column_warnings(self.spec, self.mapping, batch, vectors)

    def rated(self, values: NDArray[np.float64], *, shown: int | None, threads: int = 1) -> Rated:
        """Return the scores of vectors, float64 (n, features), as columns; see `Scorer.rated`."""
        found = self.margins(values)
        ends = np.asarray([found.expected, found.expected - 0.1, found.expected + 0.1])
        ranks, engagement = self.population.margin, self.population.engagement
        probability, low, high = self.calibration.at(found.margin)
        slope = _slopes(found.margin, ends, ranks)
        score, baseline = _rating(ranks.at(found.margin)), int(_rating(ranks.at(ends[:1]))[0])
        of_fit, of_engagement = family_sums(found.contributions, self.spec)
        largest = self._reasoning.largest(values, found.contributions, shown, threads=threads)
        effect = np.rint(largest.log_odds * slope[:, None] * GRAIN) / GRAIN + 0.0
        moved, points = found.margin - found.expected, (score - baseline).astype(np.float64)
        not_known = np.full((len(values), NAMED), NO_GROUP, np.int32)
        for row, (vector, parts) in enumerate(zip(values, found.contributions, strict=True)):
            named = self._reasoning.missing.of(vector, parts)
            not_known[row, : len(named)] = named
        return Rated(
            margin=found.margin,
            expected=found.expected,
            contributions=found.contributions,
            score=score,
            probability=probability,
            low=low,
            high=high,
            fit_score=_rating(self.population.fit.at(of_fit)),
            engagement_score=None if engagement is None else _rating(engagement.at(of_engagement)),
            confidence=np.asarray([self._confidence(row) for row in values], np.int8),
            slope=slope,
            baseline_score=baseline,
            baseline_probability=float(self.calibration.at(ends[:1])[0][0]),
            largest=largest,
            effect=effect,
            rest_effect=rests(effect, points),
            rest_log_odds=rests(largest.log_odds, moved),
            not_known=not_known,
        )

    def reasons(self, rated: Rated, row: int, values: NDArray[np.float64]) -> tuple[Reason, ...]:
        """Return the reasons of one row in words, from what is rated and the row's vector."""
        group, rest_log_odds = rated.largest.group[row].tolist(), rated.rest_log_odds
        held = group.index(NOBODY) if NOBODY in group else len(group)
        return self._reasoning.told(
            values.tolist(),
            Moved(
                group[:held], rated.largest.log_odds[row, :held].tolist(), rated.effect[row, :held].tolist()
            ),
            Moved(
                rated.not_known[row].tolist(),
                [0.0 if rest_log_odds is None else rest_log_odds.item(row)],
                [rated.rest_effect.item(row)],
            ),
        )

    def texts(self, rated: Rated, values: NDArray[np.float64]) -> NDArray[np.object_]:
        """Return the texts of the reasons of vectors, but of the last; see `BatchScorer.texts`."""
        return self._reasoning.texts(values, rated.largest.group)

    def _confidence(self, values: NDArray[np.float64]) -> int:
        known = sum(not np.isnan(values[positions]).all() for positions in self._known_columns)
        if self._known_columns and known * 2 < len(self._known_columns):
            return CONFIDENCES.index("low")
        return CONFIDENCES.index("high" if self.population.conversions >= SURE else "medium")


def _sum(contributions: NDArray[np.float64], positions: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.zeros(len(contributions))
    for position in positions:
        total += contributions[:, position]
    return total


def family_sums(
    contributions: NDArray[np.float64], spec: FeatureSpec
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fit and the engagement part of margins (log-odds), float64 (n,) each."""
    return _sum(contributions, spec.only("fit")), _sum(contributions, spec.only("engagement"))


def _rating(rank: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return scores 0-99 of ranks 0-1."""
    return np.minimum(99, np.floor(100.0 * rank)).astype(np.int64)


def _slopes(margins: NDArray[np.float64], ends: NDArray[np.float64], ranks: Curve) -> NDArray[np.float64]:
    """Return the slope of 100 x rank between the expected margin and each margin.

    Where the two are nearer than 0.1: the slope over the expected margin ± 0.1. `ends` holds the expected
    margin, and it less and plus 0.1.
    """
    at_ends = 100.0 * ranks.at(ends)
    distance = margins - ends[0]
    near = np.abs(distance) < 0.1
    far = (100.0 * ranks.at(margins) - at_ends[0]) / np.where(near, 1.0, distance)
    return np.asarray(np.where(near, (at_ends[2] - at_ends[1]) / 0.2, far))


def _groups_of_columns(spec: FeatureSpec) -> list[Any]:
    """Return the positions of the features of each fit column."""
    position = {id(feature): i for i, feature in enumerate(spec.features)}
    return [
        np.asarray(
            [position[id(f)] for f in spec.features if f.is_of_column and f.about == column.name], np.int64
        )
        for column in spec.columns
        if column.family == "fit" and not column.is_derived
    ]
