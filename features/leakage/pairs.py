"""(f) Two columns that say nothing much each, and together are the label."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from features.leakage.cell_views import ColumnViews, binned
from features.leakage.discrimination import auc_of_codes
from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

JOINT_AUC = 0.95
"""Two columns that together rank this well are the outcome in two parts: see PROOF_AUC, and a bit more,
because there are many pairs."""

GAIN = 0.12
"""How much more they must tell together than the better of them alone."""

MOST_COLUMNS = 60
MOST_CODES = 40
MOST_ROWS = 8_000
"""What bounds the work: pairs of the 60 columns that vary, of their 40 commonest values, on 8,000 leads."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns and the AUC of both together."""

    first: str
    second: str
    auc: float


def telling_pairs(
    views: Mapping[str, ColumnViews],
    alone: Mapping[str, float],
    labels: NDArray[np.float64],
    fold: NDArray[np.int64],
) -> Iterator[Pair]:
    """Find pairs of columns that together tell what neither tells alone.

    Beside the crossed values, the difference of two numbers or two times counts, and whether two texts
    are the same. `alone` holds the AUC of each column.
    """
    # The first rows would be those of one time: every k-th is taken.
    step = max(1, len(labels) // MOST_ROWS)
    labels, fold = labels[::step], fold[::step]
    chosen = sorted(views, key=lambda name: (-alone[name], name))[:MOST_COLUMNS]
    codes = {name: _few(views[name].coarse[::step]) for name in chosen}
    codes = {name: code for name, code in codes.items() if code.max(initial=0) > 0}
    for first, second in combinations(codes, 2):
        best = max(alone[first], alone[second])
        if best > JOINT_AUC - GAIN:
            continue
        crossed = [codes[first] * MOST_CODES + codes[second]]
        crossed += _related(views[first], views[second], step)
        auc = max(auc_of_codes(code, labels, fold) for code in crossed)
        if auc >= JOINT_AUC:
            yield Pair(first, second, auc)


def joint_evidence(pair: Pair, name: str) -> Evidence:
    """Say of one of the two columns what it tells together with the other."""
    other = pair.second if name == pair.first else pair.first
    said = f"together with '{other}' it ranks leads with an AUC of {pair.auc:.2f}, which neither does alone"
    return Evidence(kind="joint", strength=Strength.PROOF, figure=pair.auc, sentence=said)


def _few(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep the commonest codes apart, and put the rest together as code 0."""
    _, codes, counts = np.unique(codes, return_inverse=True, return_counts=True)
    commonest = np.argsort(-counts, kind="stable")[: MOST_CODES - 1]
    short = np.zeros(len(counts), np.int64)
    # Without a rest, the first code is the one that others are told from.
    short[commonest] = np.arange(len(commonest)) + (len(counts) > len(commonest))
    return short[codes]


def _related(first: ColumnViews, second: ColumnViews, step: int) -> list[NDArray[np.int64]]:
    if first.numbers is not None and second.numbers is not None and first.is_time == second.is_time:
        return [binned(first.numbers[::step] - second.numbers[::step])]
    return []
