"""Segments: the values of those columns that matter most to a model and have few values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.feature import Feature
    from models.scorer import LeadScorer

COLUMNS = 4

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Segment:
    """One value of a column, and which of the rows have it (bool (n,))."""

    column: str
    value: str
    rows: NDArray[np.bool_]


def segments_of(scorer: LeadScorer, values: NDArray[np.float64]) -> tuple[Segment, ...]:
    """Return the segments of vectors (n, features) by the columns with values from which trees gain most."""
    gain = np.asarray(scorer.booster.feature_importance("gain"), np.float64)
    chosen = [
        (gain[i], i)
        for i, feature in enumerate(scorer.spec.features)
        if gain[i] > 0 and feature.is_of_column and _has_values(feature)
    ]
    chosen.sort(key=lambda found: (-found[0], found[1]))
    found: list[tuple[Segment, ...]] = []
    for _, i in chosen:
        if len(found) == COLUMNS:
            break
        column = _of_feature(scorer.spec.features[i], values[:, i])
        if not any(_is_same(column, other) for other in found):
            found.append(column)
    return tuple(segment for column in found for segment in column)


def _is_same(column: tuple[Segment, ...], other: tuple[Segment, ...]) -> bool:
    """Whether two columns part the rows alike: one was derived from the other."""
    parts = [{segment.rows.tobytes() for segment in both if segment.rows.any()} for both in (column, other)]
    return parts[0] == parts[1]


def joined_segments(parts: Sequence[Sequence[Segment]], sizes: Sequence[int]) -> tuple[Segment, ...]:
    """Return the segments of several parts as one, for the columns that matter in most of them.

    `sizes`: the number of rows of each part.
    """
    counted = Counter(column for part in parts for column in {segment.column for segment in part})
    columns = [column for column, times in counted.items() if times == len(parts)]
    names = dict.fromkeys((s.column, s.value) for part in parts for s in part if s.column in columns)
    return tuple(
        Segment(
            column,
            value,
            np.concatenate([_rows(part, column, value, n) for part, n in zip(parts, sizes, strict=True)]),
        )
        for column, value in names
    )


def _rows(part: Sequence[Segment], column: str, value: str, size: int) -> NDArray[np.bool_]:
    found = (s.rows for s in part if (s.column, s.value) == (column, value))
    return next(found, np.zeros(size, np.bool_))


def _has_values(feature: Feature) -> bool:
    return feature.is_category or feature.measure == "boolean"


def _of_feature(feature: Feature, codes: NDArray[np.float64]) -> tuple[Segment, ...]:
    column = feature.about if feature.part is None else f"{feature.about} ({feature.part})"
    names = ["no", "yes"] if feature.measure == "boolean" else [*feature.vocabulary, "other"]
    found = [Segment(column, name, codes == code) for code, name in enumerate(names)]
    return (*found, Segment(column, UNKNOWN, np.isnan(codes)))
