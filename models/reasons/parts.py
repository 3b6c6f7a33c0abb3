"""The parts of a margin: fit, engagement and context, which add up to it with the expected margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.reasons.rest import in_order, remainder

if TYPE_CHECKING:
    from features.feature import Family
    from features.spec import FeatureSpec
    from models.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Log-odds: `expected` + `fit` + `engagement` + `context`, added up in this order, are the margin.

    To the bit: `context` holds what adding the others up in another order rounds. All are None where a score
    has no margin, as on the points rung.
    """

    expected: float | None
    fit: float | None
    engagement: float | None
    context: float | None


NO_PARTS = Parts(expected=None, fit=None, engagement=None, context=None)


def parts_of(score: Score, spec: FeatureSpec) -> Parts:
    """Return the parts of a score's margin."""
    if score.margin is None or score.expected_margin is None or score.contributions is None:
        return NO_PARTS
    told = score.contributions.tolist()

    def of(family: Family) -> float:
        return in_order([told[at] for at, one in enumerate(spec.features) if one.family == family])

    fit, engagement = of("fit"), of("engagement")
    context = remainder([score.expected_margin, fit, engagement], score.margin)
    return Parts(expected=score.expected_margin, fit=fit, engagement=engagement, context=context)
