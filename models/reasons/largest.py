"""The largest reasons of many rows: which groups moved each margin most, and by how much.

The kernel is the same for one row and for many; many are shared among threads, rows apart, so that no sum
is ever split.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from features.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.contributions import Attributions
    from models.reasons.groups import Group
    from models.reasons.merit import MissingAsMerit

NOBODY = -1
"""Stands for a group where a row has no more."""

BLOCK = 4_096
"""Rows whose contributions a thread holds at a time: 2 MB with 60 features."""


@dataclass(frozen=True, slots=True)
class Largest:
    """Which groups moved n margins most, the largest first.

    `group` int32 (n, k) are positions in the groups, NOBODY where a row has fewer, and `log_odds` float64
    (n, k) the sums of their contributions, 0.0 there. Of groups that moved a margin equally much the first
    comes first. A group of which nothing is known is not among them, nor one that moved nothing.
    """

    group: NDArray[np.int32]
    log_odds: NDArray[np.float64]

    def of_row(self, row: int) -> list[tuple[int, float]]:
        """Return the groups of one row with their log-odds."""
        pairs = zip(self.group[row].tolist(), self.log_odds[row].tolist(), strict=True)
        return [(group, amount) for group, amount in pairs if group != NOBODY]


def largest_of(
    contributions: NDArray[np.float64],
    vectors: NDArray[np.float64],
    groups: tuple[Group, ...],
    most: int | None = None,
    *,
    threads: int = 1,
) -> Largest:
    """Return the `most` largest groups (None: all of them) of contributions (n, features) to vectors alike.

    A group's sum is added up in the order of its features, as `sums_by_group` does, to the bit.
    """
    held, parts = read_only(np.ascontiguousarray(vectors), np.ascontiguousarray(contributions))
    found, choose = _chooser(held.shape, groups, most)
    shared(lambda start, stop: choose(held[start:stop], parts[start:stop], start, stop), len(held), threads)
    return found


def largest_reasons(
    attributions: Attributions,
    vectors: NDArray[np.float64],
    groups: tuple[Group, ...],
    most: int | None = 5,
    *,
    merit: MissingAsMerit | None = None,
    threads: int = 1,
) -> Largest:
    """Return the largest groups of what moved the margins of vectors (n, features), as `largest_of` does.

    With `merit` they are those that a scorer tells: what is missing is none of them where it is a merit.
    Contributions are made BLOCK rows at a time and forgotten: a million rows never hold them all at once.
    """
    found, choose = _chooser(vectors.shape, groups, most, merit)

    def work(start: int, stop: int) -> None:
        (held,) = read_only(np.ascontiguousarray(vectors[start:stop]))
        (parts,) = read_only(attributions.values(held))
        choose(held, parts, start, stop)

    shared(work, len(vectors), threads)
    return found


def _chooser(
    asked: tuple[int, ...], groups: tuple[Group, ...], most: int | None, merit: MissingAsMerit | None = None
) -> tuple[Largest, Callable[..., None]]:
    """Return room for the largest of vectors of the shape that is `asked`, and what fills some rows of it."""
    rows, features = asked
    shape = rows, len(groups) if most is None else min(most, len(groups))
    found = Largest(np.full(shape, NOBODY, np.int32), np.zeros(shape))
    first = np.asarray([0, *accumulate(len(group.positions) for group in groups)], np.int64)
    feature = np.asarray([position for group in groups for position in group.positions], np.int64)
    tables = read_only(first, feature, np.full(features, -np.inf) if merit is None else merit.least)

    def choose(
        vectors: NDArray[np.float64], contributions: NDArray[np.float64], start: int, stop: int
    ) -> None:
        choose_largest(vectors, contributions, *tables, found.group[start:stop], found.log_odds[start:stop])

    return found, choose


def shared(work: Callable[[int, int], None], rows: int, threads: int) -> None:
    """Do work on all rows, BLOCK at a time, shared among threads."""
    if rows <= BLOCK:
        work(0, rows)
        return
    starts = range(0, rows, BLOCK)
    stops = (min(start + BLOCK, rows) for start in starts)
    if threads < 2:
        for start, stop in zip(starts, stops, strict=True):
            work(start, stop)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, starts, stops))


@numba.njit(cache=True, nogil=True)
def choose_largest(  # noqa: PLR0917  # inputs, tables, and what is filled
    vectors: Any, contributions: Any, first: Any, feature: Any, least: Any, chosen: Any, amounts: Any
) -> None:
    """Fill `chosen` and `amounts` (n, k), which are NOBODY and 0.0, for n rows.

    Group g has the features from `feature[first[g]]` up to `feature[first[g + 1]]`. Groups come in their
    order, and each takes its place behind all that are at least as large: equal ones stay in their order.
    A value below `least` (features,) that raises the margin counts as not known: see `MissingAsMerit`.
    """
    most = chosen.shape[1]
    for row in range(len(vectors)):
        held = 0
        for group in range(len(first) - 1):
            amount, is_known = 0.0, False
            for at in range(first[group], first[group + 1]):
                part, value = contributions[row, feature[at]], vectors[row, feature[at]]
                amount += part
                is_known |= not (np.isnan(value) or (part > 0.0 and value < least[feature[at]]))
            if amount == 0.0 or not is_known:
                continue
            place = held
            while place > 0 and abs(amounts[row, place - 1]) < abs(amount):
                place -= 1
            if place == most:
                continue
            held = min(held + 1, most)
            for later in range(held - 1, place, -1):
                chosen[row, later], amounts[row, later] = chosen[row, later - 1], amounts[row, later - 1]
            chosen[row, place], amounts[row, place] = group, amount
