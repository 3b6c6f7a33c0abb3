"""Rates vectors by their contributions: what the kernel fills, as it fills it or as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from features.read_only import read_only
from models.rated import Rated
from models.rating.rate import (
    AMOUNTS,
    CHOSEN,
    CONFIDENCE,
    ENGAGEMENT_SCORE,
    FIT_SCORE,
    LOWER,
    MARGIN,
    NAMES,
    POINT,
    REST_EFFECT,
    REST_LOG_ODDS,
    SCORE,
    SLOPE,
    UPPER,
    explain_and_rate,
    rate,
)
from models.rating.tables import packed_of
from models.reasons.largest import Largest, shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.compiled import RowTables
    from models.rating.tables import Constants, Tables


class Sheet(NamedTuple):
    """What the kernels fill for n rows, in the places of `models.rating.rate`.

    `contributions` float64 (n, features) or with more columns, `numbers` float64, `wholes` int64.
    """

    contributions: NDArray[np.float64]
    numbers: NDArray[np.float64]
    wholes: NDArray[np.int64]


class Rater:
    """Tables and constants of one scorer. Pure; several threads may ask at once.

    `baseline_probability` (0-1) is that of the expected margin, `baseline_score` its score, and `expected`
    that margin.
    """

    def __init__(self, tables: Tables, constants: Constants, baseline_probability: float) -> None:
        self.baseline_probability = baseline_probability
        self.baseline_score, self.expected = constants.baseline, constants.expected
        self.has_engagement = bool(np.diff(tables.first_knot)[-1])
        self._held = packed_of(tables, constants)
        self._groups = len(tables.name)

    def sheet(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        shown: int | None,
        threads: int = 1,
    ) -> Sheet:
        """Return what vectors are rated, of their contributions, float64 (n, features) or with more columns.

        `shown` bounds the largest groups of each; None: all of them.
        """
        (vectors,) = read_only(np.ascontiguousarray(values))
        numbers, wholes = self._room(len(values), shown)
        shared(
            lambda start, stop: rate(vectors, contributions, start, stop, self._held, numbers, wholes),
            len(values),
            threads,
        )
        return Sheet(contributions, numbers, wholes)

    def explained(self, vectors: NDArray[np.float64], tables: RowTables, shown: int | None) -> Sheet:
        """Return the same of few vectors, contiguous and read-only, and of the tables of their booster."""
        found = np.empty((len(vectors), vectors.shape[1] + 1))
        numbers, wholes = self._room(len(vectors), shown)
        explain_and_rate(vectors, *tables, self._held, found, numbers, wholes)
        return Sheet(found, numbers, wholes)

    def rated(
        self,
        values: NDArray[np.float64],
        contributions: NDArray[np.float64],
        shown: int | None,
        threads: int = 1,
    ) -> Rated:
        """Return what `sheet` does, as columns."""
        return self.columns(self.sheet(values, contributions, shown, threads), values.shape[1])

    def columns(self, sheet: Sheet, features: int) -> Rated:
        """Return what was filled as columns, of vectors of so many features."""
        most = sheet.wholes.shape[1] - CHOSEN
        numbers = np.ascontiguousarray(sheet.numbers[:, :AMOUNTS].T)
        wholes = np.ascontiguousarray(sheet.wholes[:, :NAMES].T)
        chosen, amounts = sheet.wholes[:, CHOSEN:], sheet.numbers[:, AMOUNTS:]
        return Rated(
            margin=numbers[MARGIN],
            expected=self.expected,
            contributions=sheet.contributions[:, :features],
            score=wholes[SCORE],
            probability=numbers[POINT],
            low=numbers[LOWER],
            high=numbers[UPPER],
            fit_score=wholes[FIT_SCORE],
            engagement_score=wholes[ENGAGEMENT_SCORE] if self.has_engagement else None,
            confidence=wholes[CONFIDENCE].astype(np.int8),
            slope=numbers[SLOPE],
            baseline_score=self.baseline_score,
            baseline_probability=self.baseline_probability,
            largest=Largest(chosen.astype(np.int32), np.ascontiguousarray(amounts[:, :most])),
            effect=np.ascontiguousarray(amounts[:, most:]),
            rest_effect=numbers[REST_EFFECT],
            rest_log_odds=numbers[REST_LOG_ODDS],
            not_known=sheet.wholes[:, NAMES:CHOSEN].astype(np.int32),
        )

    def _room(self, rows: int, shown: int | None) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        most = self._groups if shown is None else min(shown, self._groups)
        return np.empty((rows, AMOUNTS + 2 * most)), np.empty((rows, CHOSEN + most), np.int64)
