"""Whether the reasons keep their order: across the models of the folds, and across time."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from training.explaining.explanations import Moved, Stability
from training.explaining.importance import sizes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reasons.groups import Group
    from training.explaining.contributed import Contributed
    from training.explaining.explanations import Over

LEADS_OF_A_PART = 50
"""A part of fewer leads says more of them than of the order."""

MONTHS_OF_A_QUARTER = 3
SLACK = 2
"""So many ranks of difference say nothing: near equals change places."""


def is_unsteady(moved: Moved, rank: int) -> bool:
    """Return whether a reason's place (`rank`, from 1) is not sure: its ranks in parts lie too far apart.

    That is by more than its own rank, and by more than SLACK: the first may become the third, and the tenth
    the twentieth, without a word.
    """
    return any(
        ranks and max(ranks) - min(ranks) > max(SLACK, rank) for ranks in (moved.in_folds, moved.in_quarters)
    )


def with_ranks(
    moved: tuple[Moved, ...], rows: Contributed, groups: tuple[Group, ...]
) -> tuple[tuple[Moved, ...], tuple[Stability, ...]]:
    """Return the reasons with their ranks in parts of the rows, and how far the parts agree.

    Parts are the folds, each told by a model of its own, and the quarters of a year. One kind of parts is
    left out where fewer than two of them have enough leads, or there are fewer than two reasons.
    """
    found: list[Stability] = []
    for over, parts in (("folds", folds_of_rows(rows)), ("quarters", quarters_of_rows(rows))):
        held = {name: own for name, own in parts.items() if _leads(rows, own) >= LEADS_OF_A_PART}
        if len(held) < 2 or len(groups) < 2:
            continue
        sizes = np.stack([sizes_of(rows.contributions[own], groups) for own in held.values()])
        found.append(_stability(over, held, sizes))  # type: ignore[arg-type]  # mypy widens the literals
        moved = _ranked(moved, groups, ranks_of(sizes), over)  # type: ignore[arg-type]  # as above
    return moved, tuple(found)


def ranks_of(sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rank of each group in each part, 1 for the greatest, int64 (parts, groups)."""
    order = np.argsort(-sizes, axis=1, kind="stable")
    return np.asarray(np.argsort(order, axis=1, kind="stable") + 1, np.int64)


def folds_of_rows(rows: Contributed) -> dict[str, NDArray[np.int64]]:
    """Return the positions of the rows of each fold, by its name."""
    return {f"fold {fold + 1}": np.flatnonzero(rows.fold == fold) for fold in np.unique(rows.fold).tolist()}


def quarters_of_rows(rows: Contributed) -> dict[str, NDArray[np.int64]]:
    """Return the positions of the rows of each quarter of a year, by its name: '2026 Q1'."""
    if rows.as_of is None:
        return {}
    month = rows.as_of.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    quarter = month // MONTHS_OF_A_QUARTER
    return {
        f"{1970 + number // 4} Q{number % 4 + 1}": np.flatnonzero(quarter == number)
        for number in np.unique(quarter).tolist()
    }


def _leads(rows: Contributed, own: NDArray[np.int64]) -> int:
    return len(np.unique(rows.owner[own]))


def _stability(over: Over, parts: dict[str, NDArray[np.int64]], sizes: NDArray[np.float64]) -> Stability:
    from scipy.stats import rankdata  # noqa: PLC0415  # takes a second, and few commands explain

    ranks = rankdata(sizes, axis=1)
    pairs = [_correlation(ranks[one], ranks[other]) for one, other in combinations(range(len(ranks)), 2)]
    return Stability(
        over=over,
        parts=tuple(parts),
        rows=tuple(len(own) for own in parts.values()),
        agreement=float(np.mean(pairs)),
        least=min(pairs),
    )


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return Pearson's correlation of ranks, which is Spearman's; 0 where all are equal in one of them."""
    if not np.ptp(one) or not np.ptp(other):
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _ranked(
    moved: tuple[Moved, ...], groups: tuple[Group, ...], ranks: NDArray[np.int64], over: Over
) -> tuple[Moved, ...]:
    column = {group.key: at for at, group in enumerate(groups)}
    held = {one.key: tuple(ranks[:, column[one.key]].tolist()) for one in moved}
    if over == "folds":
        return tuple(replace(one, in_folds=held[one.key]) for one in moved)
    return tuple(replace(one, in_quarters=held[one.key]) for one in moved)
