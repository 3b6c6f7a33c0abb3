"""The scorer: leads at moments in, calibrated scores with their reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from features.vectors import Vectoriser
from features.words import ENGLISH
from models.batch_scorer import BatchScorer
from models.contributions import Attributions
from models.contributions.compiled import FEW_ROWS
from models.held_booster import HeldBooster
from models.rated import CONFIDENCES, Rows
from models.rating.rater import Rater
from models.rating.rows import rows_of
from models.rating.tables import Constants, tables_of
from models.reasons.telling import Reasoning
from models.reasons.texts import texts_of
from models.threads import threads_for
from models.unheeded import Unheeded

if TYPE_CHECKING:
    from collections.abc import Collection

    import lightgbm
    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.blend import Blend
    from models.calibration import Calibration
    from models.curve import Curve
    from models.next_acts import NextActs
    from models.rated import Rated, Row
    from models.rating.rater import Sheet
    from models.reasons.texts import Texts
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
        booster: lightgbm.Booster | HeldBooster,
        calibration: Calibration,
        population: Population,
        blend: Blend | None = None,
        words: Phrasebook = ENGLISH,
        next_acts: NextActs | None = None,
        artifact_sha256: str | None = None,
        attributions: Attributions | None = None,
    ) -> None:
        """`artifact_sha256` is the digest of the artifact's list of checksums, None before it is saved.

        Without `attributions` the booster is compiled, which imports LightGBM.
        """
        self.name = name
        self.version = version
        self.artifact_sha256 = artifact_sha256
        self.mapping = mapping
        self.spec = spec
        self._booster = booster
        self.calibration = calibration
        self.population = population
        self.blend = blend
        self.next_acts = next_acts
        self.words = words
        self.rung: Rung = "model" if blend is None else "blend"
        self.vectors = Vectoriser(spec)
        self.unheeded = Unheeded(spec, mapping)
        self.attributions = Attributions(self.booster) if attributions is None else attributions
        self._reasoning = Reasoning(spec, population.usual, words)
        self._rater = self._made_rater()

    @property
    def booster(self) -> lightgbm.Booster:
        """The booster as LightGBM's own, which is imported where it was not asked before."""
        return self._booster() if isinstance(self._booster, HeldBooster) else self._booster

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

    def rated(self, values: NDArray[np.float64], *, shown: int | None, threads: int = 1) -> Rated:
        """Return the scores of vectors, float64 (n, features), as columns; see `Scorer.rated`."""
        return self._rater.columns(self._sheet(values, shown, threads), values.shape[1])

    def rows(self, values: NDArray[np.float64], *, shown: int | None, threads: int = 1) -> Rows:
        """Return the scores of vectors row by row."""
        rater, sheet = self._rater, self._sheet(values, shown, threads)
        return Rows(
            rows_of(sheet, has_engagement=rater.has_engagement),
            sheet.contributions[:, : values.shape[1]],
            rater.expected,
            rater.baseline_score,
            rater.baseline_probability,
        )

    def reasons(self, row: Row, held: list[float]) -> tuple[Reason, ...]:
        """Return the reasons of one row in words, from what is rated and the row's vector."""
        return self._reasoning.told(held, row)

    def _sheet(self, values: NDArray[np.float64], shown: int | None, threads: int) -> Sheet:
        """Return what the kernels make of vectors: in one call where one is enough for few of them."""
        tables = self.attributions.row_wise
        if tables is not None and self.blend is None and len(values) < FEW_ROWS:
            return self._rater.explained(self.attributions.as_rows(values), tables, shown)
        contributions = self.attributions.values(values, threads=threads)
        if self.blend is not None:
            contributions = self.blend.contributions(contributions, values)
        return self._rater.sheet(values, contributions, shown, threads)

    def texts(self, rated: Rated, values: NDArray[np.float64], left_out: Collection[int] = ()) -> Texts:
        """Return the texts of the reasons of all rows, but those that are `left_out`, as columns."""
        return texts_of(self._reasoning, values, rated.largest, rated.not_known, left_out)

    def _made_rater(self) -> Rater:
        """Return what rates: everything that is the same for all leads is computed once."""
        expected = self.attributions.expected
        if self.blend is not None:
            expected = self.blend.expected(expected)
        ends = np.asarray([expected, expected - 0.1, expected + 0.1])
        of, by = self.population, self.calibration
        at_expected, at_low, at_high = (100.0 * of.margin.at(ends)).tolist()
        tables = tables_of(
            curves=(of.margin, by.probability, by.low, by.high, of.fit, of.engagement),
            groups=[group.positions for group in self._reasoning.groups],
            names=self._reasoning.missing.names,
            families=[self.spec.only("fit"), self.spec.only("engagement")],
            columns=_groups_of_columns(self.spec),
            least=self._reasoning.merit.least,
        )
        constants = Constants(
            expected=expected,
            at_expected=at_expected,
            near=(at_high - at_low) / 0.2,
            baseline=int(_rating(of.margin.at(ends[:1]))[0]),
            sure=CONFIDENCES.index("high" if of.conversions >= SURE else "medium"),
        )
        return Rater(tables, constants, float(by.at(ends[:1])[0][0]))


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
