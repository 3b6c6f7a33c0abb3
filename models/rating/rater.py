"""Rates vectors by their contributions: what the kernel fills, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.read_only import read_only
from models.rated import Rated
from models.rating.rate import (
    CONFIDENCE,
    ENGAGEMENT_SCORE,
    FIT_SCORE,
    LOWER,
    MARGIN,
    POINT,
    REST_EFFECT,
    REST_LOG_ODDS,
    SCORE,
    SLOPE,
    UPPER,
    rate,
)
from models.reasons.largest import Largest, shared
from models.reasons.not_known import NAMED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.rating.tables import Constants, Tables


class Rater:
    """Tables and constants of one scorer. Pure; several threads may ask at once.

    `baseline_probability` (0-1) is that of the expected margin.
    """

    def __init__(self, tables: Tables, constants: Constants, baseline_probability: float) -> None:
        self._tables = tables
        self._constants = constants
        self._baseline_probability = baseline_probability
        self._groups = len(tables.name)
        self._has_engagement = bool(np.diff(tables.first_knot)[-1])

    def rated(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        shown: int | None,
        threads: int = 1,
    ) -> Rated:
        """Return what vectors are rated, of their contributions, float64 (n, features) or with more columns.

        `shown` bounds the largest groups of each; None: all of them.
        """
        rows = len(values)
        (vectors,) = read_only(np.ascontiguousarray(values))
        width = self._groups if shown is None else min(shown, self._groups)
        numbers, wholes = np.empty((7, rows)), np.empty((4, rows), np.int64)
        chosen, named = np.empty((rows, width), np.int32), np.empty((rows, NAMED), np.int32)
        amounts = np.empty((2, rows, width))

        def fill(start: int, stop: int) -> None:
            rate(
                vectors,
                contributions,
                start,
                stop,
                self._tables,
                self._constants,
                numbers,
                wholes,
                chosen,
                amounts,
                named,
            )

        shared(fill, rows, threads)
        return Rated(
            margin=numbers[MARGIN],
            expected=self._constants.expected,
            contributions=contributions[:, : vectors.shape[1]],
            score=wholes[SCORE],
            probability=numbers[POINT],
            low=numbers[LOWER],
            high=numbers[UPPER],
            fit_score=wholes[FIT_SCORE],
            engagement_score=wholes[ENGAGEMENT_SCORE] if self._has_engagement else None,
            confidence=wholes[CONFIDENCE].astype(np.int8),
            slope=numbers[SLOPE],
            baseline_score=self._constants.baseline,
            baseline_probability=self._baseline_probability,
            largest=Largest(chosen, amounts[0]),
            effect=amounts[1],
            rest_effect=numbers[REST_EFFECT],
            rest_log_odds=numbers[REST_LOG_ODDS],
            not_known=named,
        )
