"""A score and its reasons: the values that travel from the scorer to whoever answers."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.errors import Fault

Family = Literal["fit", "engagement", "context"]
Rung = Literal["points", "blend", "model"]
Confidence = Literal["low", "medium", "high"]

BUILT_IN_VERSION = 0
"""The version of the scorecard that comes with LeadLens; those of the registry count from 1."""


class Reason(msgspec.Struct, frozen=True):
    """One thing that moved the score. A struct, as a score is: they are made several times as fast.

    `log_odds` is the sum of the contributions of `features`; `effect` is the same in points of score.
    The last reason of a score, 'not known or small', has no family and no features and holds the rest.
    On the points rung `log_odds` is None, and `effect` the rule's points.
    """

    text: str
    effect: float
    log_odds: float | None
    family: Family | None
    features: tuple[str, ...]
    phrase: str = ""
    """The text as it is said inside a sentence; empty where it is said no otherwise."""


class Score(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How likely one open lead is to convert within the horizon, and why.

    `score` 0-99 is a rank among the leads that are scored; `probability` (0-1) lies within
    [`probability_low`, `probability_high`], the 90 % band of the calibration at this margin. `margin` and
    `expected_margin` are log-odds: margin = expected margin + the reasons' log-odds. `as_of` is in
    microseconds UTC.

    On the points rung there are no log-odds and no probabilities: all of these are None, and `base_rate` too;
    `score` is the points clipped to 0-99, and `baseline_score` 0.

    `vector` and `contributions`, float64 (features,), are what the margin was made from: with the expected
    margin first, the contributions add up to it in their order. None where a scorer has no such numbers.
    """

    lead_id: str
    as_of: int
    score: int
    probability: float | None
    probability_low: float | None
    probability_high: float | None
    horizon_days: float | None
    fit_score: int
    engagement_score: int | None
    grade: str
    rung: Rung
    confidence: Confidence
    baseline_score: int
    baseline_probability: float | None
    base_rate: float | None
    reasons: tuple[Reason, ...]
    model_name: str
    model_version: int | None
    features_sha256: str
    warnings: tuple[str, ...]
    margin: float | None
    expected_margin: float | None
    vector: NDArray[np.float64] | None = None
    contributions: NDArray[np.float64] | None = None

    def __eq__(self, other: object) -> bool:
        """Return whether all is equal but the vectors, of which digest and margin tell."""
        return _compared(self) == _compared(other) if isinstance(other, Score) else NotImplemented

    def __hash__(self) -> int:
        """Return a hash of what is compared."""
        return hash(_compared(self))


_compared = attrgetter(*(name for name in Score.__struct_fields__ if name not in {"vector", "contributions"}))


def strength(score: Score) -> float:
    """Return what puts scores of one scorer in order where their figures from 0 to 99 are equal.

    It is the margin, or on the points rung the points before they are clipped.
    """
    if score.margin is not None:
        return score.margin
    return float(score.score if score.contributions is None else score.contributions.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscorable:
    """A lead that could not be read, with everything wrong with it."""

    lead_id: str
    faults: tuple[Fault, ...]
