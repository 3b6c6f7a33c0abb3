"""What twins and rivals foretell of the tested rows: all that figures, bands and slices are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.snapshots import joined_moments
from training.evidence.rivals.foretell import by_rivals
from training.evidence.rivals.rows import Foretold
from training.evidence.segments import Segment, joined_segments, segments_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from models.scorecard.points_card import PointsCard
    from models.scorer import LeadScorer
    from training.evidence.split import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Judged rows and what is said of them.

    `probabilities` (0-1) and `scores` (0-99) of the model, float64 and int64 (n,); `unreadable`: how many
    rows had a cell that could not be read. `columns`: how many columns the segments are of.
    """

    rows: Moments
    probabilities: NDArray[np.float64]
    scores: NDArray[np.int64]
    rivals: tuple[Foretold, ...]
    segments: tuple[Segment, ...]
    unreadable: int


def foretold_by(scorer: LeadScorer, past: Past, rows: Moments) -> tuple[Judged, NDArray[np.float64]]:
    """Return what a scorer says of rows, without rivals, and the vectors of the rows."""
    vectors = past.vectors(scorer.spec, rows.lead, rows.as_of)
    margins = scorer.margins_alone(vectors.values)
    ranks = scorer.population.margin.at(margins)
    found = Judged(
        rows=rows,
        probabilities=scorer.calibration.at(margins)[0],
        scores=np.minimum(99, np.floor(100.0 * ranks)).astype(np.int64),
        rivals=(),
        segments=segments_of(scorer, vectors.values),
        unreadable=len(vectors.faults),
    )
    return found, vectors.values


def foretold_beside_rivals(scorer: LeadScorer, past: Past, part: Part, card: PointsCard | None) -> Judged:
    """Return what a twin and its rivals, fitted on its past, say of the rows that it is tested on."""
    found, values = foretold_by(scorer, past, part.tested)
    rivals = by_rivals(past, part.census, values, scorer.spec, card)
    return Judged(
        rows=found.rows,
        probabilities=found.probabilities,
        scores=found.scores,
        rivals=rivals,
        segments=found.segments,
        unreadable=found.unreadable,
    )


def joined(parts: Sequence[Judged]) -> Judged:
    """Return the rows of all parts as one, with the rivals that were tried in each."""
    if len(parts) == 1:
        return parts[0]
    names = [rival.name for rival in parts[0].rivals]
    everywhere = [name for name in names if all(name in {r.name for r in part.rivals} for part in parts)]
    return Judged(
        rows=joined_moments([part.rows for part in parts]),
        probabilities=np.concatenate([part.probabilities for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        rivals=tuple(_joined([_named(part, name) for part in parts]) for name in everywhere),
        segments=joined_segments([part.segments for part in parts], [len(part.rows) for part in parts]),
        unreadable=sum(part.unreadable for part in parts),
    )


def _named(part: Judged, name: str) -> Foretold:
    return next(rival for rival in part.rivals if rival.name == name)


def _joined(same: Sequence[Foretold]) -> Foretold:
    said = same[0].said if len({rival.said for rival in same}) == 1 else f"{same[0].said} (one a fold)"
    return Foretold(same[0].name, said, np.concatenate([rival.probabilities for rival in same]))
