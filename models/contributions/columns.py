"""What the splits of all trees ask: columns, in which a value has a place, its code.

Splits that ask the same of a value but for the threshold share one column. A column of numbers is one
feature, one way of treating what is missing and one side for it; the code of a value is the number of the
column's thresholds below it (0 to t), and the split by the threshold of rank r sends the value right if its
code is above r. What is missing has the code of its side: 0, or t. A column of categories is one set of
categories; the code of a value is 0 if it is in the set, which goes left, and 1 if not, and the rank is 0.
So all splits of all kinds are one comparison: a value goes right if its code is above the split's rank.

A value means what LightGBM takes it for (`Tree::NumericalDecision`, `Tree::CategoricalDecision`, and the
reader of dense matrices, which takes numbers up to 1e-35 for zero):

- a number of a size up to float32(1e-35) is 0;
- NaN is 0, unless the split knows NaN as missing;
- missing is nothing (kind NONE), 0 (kind ZERO), or NaN (kind NAN);
- a category is the whole part of the value; NaN, negative and unseen ones, and what is too large for an
  int32, go right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.contributions.errors import NotTabulatedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.trees import Trees

NONE, ZERO, NAN, CATEGORIES = 0, 1, 2, 3
"""The kinds of columns: what they take for missing, or that they are sets of categories."""

ZERO_SIZE = float(np.float32(1e-35))
"""LightGBM's kZeroThreshold: numbers of at most this size are 0."""

MOST_CODES = 2**16 - 1


class Columns(NamedTuple):
    """All columns of a booster, as kernels take them: those of numbers first, `numbers` of them.

    Of each column: `feature` uint32, `kind` uint8, `missing` uint16 (the code of what is missing), and
    `first` int64 (columns + 1,): the column's thresholds (float64, ascending), or the words of its set
    (uint32 bits, in `words`, counted on from the thresholds), are those from `first[c]` up to `first[c + 1]`.
    """

    numbers: int
    feature: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    missing: NDArray[np.uint16]
    first: NDArray[np.int64]
    thresholds: NDArray[np.float64]
    words: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Questions:
    """What each node of the trees asks: its `column`, and its threshold's `rank` there, int64 (nodes,)."""

    column: NDArray[np.int64]
    rank: NDArray[np.int64]


def columns_of(trees: Trees) -> tuple[Columns, Questions]:
    """Return the columns of trees, and where each node stands in them.

    Raises NotTabulatedError where a split or a column is of a kind that the kernels do not know.
    """
    by_category = (trees.decision & 1).astype(bool)
    kind = (trees.decision >> 2) & 3
    if (kind[~by_category] > NAN).any():
        raise NotTabulatedError("A split treats missing values in a way that is not known.")
    goes_left = np.where(kind == NONE, 0, (trees.decision >> 1) & 1)
    # -0.0 + 0.0 is 0.0: both zeros are one threshold.
    asked = np.stack([trees.feature, kind, goes_left, trees.threshold + 0.0])[:, ~by_category]
    order = np.lexsort(asked[::-1])
    asked = asked[:, order]
    is_new = np.any(asked[:, 1:] != asked[:, :-1], axis=0)
    is_other = np.any(asked[:3, 1:] != asked[:3, :-1], axis=0)
    cut_of = np.cumsum([0, *is_new])[: len(order)]
    column_of = np.cumsum([0, *is_other])[: len(order)]
    cuts = np.flatnonzero(np.concatenate([[True], is_new])[: len(order)])
    starts = np.searchsorted(column_of[cuts], np.arange(column_of.max(initial=-1) + 1))
    sizes = np.diff(np.append(starts, len(cuts)))
    if (sizes > MOST_CODES).any():
        raise NotTabulatedError(f"A feature is split at more than {MOST_CODES} thresholds.")
    heads = asked[:, cuts[starts]]
    column, rank = np.zeros(trees.nodes, np.int64), np.zeros(trees.nodes, np.int64)
    of_numbers = np.flatnonzero(~by_category)[order]
    column[of_numbers] = column_of
    rank[of_numbers] = cut_of - starts[column_of]
    sets = _sets(trees, column, len(starts))
    words = [np.frombuffer(bits, np.uint32) for _, bits in sets]
    columns = Columns(
        numbers=len(starts),
        feature=np.asarray([*heads[0], *(feature for feature, _ in sets)], np.uint32),
        kind=np.asarray([*heads[1], *(CATEGORIES for _ in sets)], np.uint8),
        missing=np.asarray([*np.where(heads[2] == 1, 0, sizes), *(1 for _ in sets)], np.uint16),
        first=np.cumsum([0, *sizes, *map(len, words)], dtype=np.int64),
        thresholds=asked[3, cuts],
        words=np.concatenate([np.zeros(0, np.uint32), *words]),
    )
    return columns, Questions(column, rank)


def _sets(trees: Trees, column: NDArray[np.int64], numbers: int) -> list[tuple[int, bytes]]:
    """Return the sets (feature, bits) of all splits by categories, each once, and fill in their columns."""
    known: dict[tuple[int, bytes], int] = {}
    for node, words in trees.categories.items():
        key = (int(trees.feature[node]), words.tobytes())
        column[node] = known.setdefault(key, numbers + len(known))
    return list(known)
