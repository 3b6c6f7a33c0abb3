"""Whether what was judged stands on the rung of the ladder on which the version stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.scorer import LeadScorer
    from training.evidence.twin import Twin


def said_of_rungs(twins: Sequence[Twin], scorer: LeadScorer) -> tuple[str, ...]:
    """Return a note where a twin, which had fewer conversions to learn from, weighs its model otherwise."""
    of_twins = [_weight(twin.scorer) for twin in twins]
    own = _weight(scorer)
    if all(weight == own for weight in of_twins):
        return ()
    least, most = min(of_twins), max(of_twins)
    weights = f"{least:.0%}" if least == most else f"{least:.0%} to {most:.0%}"
    note = (
        f"What was tested weighs its model {weights} beside a points scorecard, the version {own:.0%}: it "
        "has more conversions to learn from. The figures are of the former."
    )
    return (note,)


def _weight(scorer: LeadScorer) -> float:
    return 1.0 if scorer.blend is None else scorer.blend.weight
