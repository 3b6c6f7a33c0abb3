"""The scorer of the points rung: a scorecard in the place of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.vectors import Vectoriser
from features.words import ENGLISH
from models.batch_scorer import BatchScorer
from models.rated import CONFIDENCES, Rated, Row, Rows
from models.reasons.rest import rests
from models.reasons.texts import UNTOLD, Texts, Told
from models.score import BUILT_IN_VERSION
from models.scorecard.points import BoundCard
from models.scorecard.points_reasons import HIGHEST, RuleReasoning
from models.unheeded import Unheeded

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from features.feature import Family
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.score import Reason, Rung
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
        self.said_first = (NO_MODEL,) if version == BUILT_IN_VERSION else ()
        self.artifact_sha256 = artifact_sha256
        self.mapping = mapping
        self.spec = spec
        self.card = BoundCard(card, spec)
        self.rung: Rung = "points"
        self.vectors = Vectoriser(spec)
        self.unheeded = Unheeded(spec, mapping)
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

    def scores_of(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the scores, int64 (n,), of points (n,)."""
        return np.clip(np.floor(points), 0, HIGHEST).astype(np.int64)

    def rated(self, values: NDArray[np.float64], *, shown: int | None, threads: int = 1) -> Rated:  # noqa: ARG002  # a scorecard is quick enough for one
        """Return the scores of vectors, float64 (n, features), as columns; see `Scorer.rated`."""
        worths = self.card.worths(values)
        contributions = self.card.by_feature(worths)
        score = self.scores_of(worths.sum(axis=1))
        largest = self._reasoning.largest(worths, shown)
        nothing = np.zeros(len(values), np.int8)
        return Rated(
            margin=None,
            expected=None,
            contributions=contributions,
            score=score,
            probability=None,
            low=None,
            high=None,
            fit_score=self._share(contributions, "fit"),
            engagement_score=self._share(contributions, "engagement") if self.spec.has_events else None,
            confidence=nothing,
            slope=np.ones(len(values)),
            baseline_score=0,
            baseline_probability=None,
            largest=largest,
            effect=largest.log_odds,
            rest_effect=rests(largest.log_odds, score.astype(np.float64)),
            rest_log_odds=None,
            not_known=np.empty((len(values), 0), np.int32),
            worths=worths,
        )

    def rows(self, values: NDArray[np.float64], *, shown: int | None, threads: int = 1) -> Rows:
        """Return the scores of vectors row by row."""
        rated = self.rated(values, shown=shown, threads=threads)
        return Rows(self._rows(rated), rated.contributions, None, rated.baseline_score, None)

    def reasons(self, row: Row, held: list[float]) -> tuple[Reason, ...]:
        """Return the reasons of one row in words, from what is rated and the row's vector."""
        chosen = list(zip(row.group, row.log_odds, strict=True))
        return self._reasoning.told(held, row.worths, chosen, row.rest_effect)

    def texts(self, rated: Rated, values: NDArray[np.float64], left_out: Collection[int] = ()) -> Texts:
        """Return the texts of the reasons of all rows, but those that are `left_out`, as columns."""
        told = Told()
        text = np.full(rated.largest.group.shape, UNTOLD, np.int32)
        rest = np.full(len(values), UNTOLD, np.int32)
        rows, held = self._rows(rated), values.tolist()
        for row in sorted(set(range(len(values))).difference(left_out)):
            *shown, last = self.reasons(rows[row], held[row])
            text[row, : len(shown)] = [told.at(reason.text) for reason in shown]
            rest[row] = told.at(last.text)
        return Texts(told.texts, text, rest)

    def _rows(self, rated: Rated) -> list[Row]:
        engaged = rated.engagement_score
        worths = [] if rated.worths is None else rated.worths.tolist()
        columns = zip(
            rated.score.tolist(),
            rated.fit_score.tolist(),
            [None] * len(worths) if engaged is None else engaged.tolist(),
            rated.rest_effect.tolist(),
            worths,
            strict=True,
        )
        rows = []
        for at, (score, fit, engagement, rest, worth) in enumerate(columns):
            chosen = rated.largest.of_row(at)
            group, points = [one for one, _ in chosen], [amount for _, amount in chosen]
            rows.append(
                Row(
                    score, fit, engagement, CONFIDENCES[0], None, None, None, None,
                    group, points, points, [], None, rest, worth,
                )
            )  # fmt: skip
        return rows

    def _share(self, contributions: NDArray[np.float64], family: Family) -> NDArray[np.int64]:
        """Return a family's points as a share of the most that it can give, 0-99, int64 (n,)."""
        most = self._most[family]
        given = contributions[:, self._of_family[family]].sum(axis=1)
        return self.scores_of(100.0 * given / most if most else np.zeros(len(given)))
