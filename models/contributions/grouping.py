"""Which leaves share a table: neighbours in one tree, chosen by a dynamic programme.

A group of leaves can be tabulated over all that its conditions can tell apart: for each of its columns with
t different thresholds in the group, the t + 1 places that a code can have among them. Neighbours share most
of their path, so that a table for many costs little more than a table for one, and one look-up answers for
all. The leaves of a tree, from left to right, are cut into runs such that the sum of their costs is least:
best(j) = min over i < j of best(i) + cost(i, j), where a run whose table would be larger than the cap is no
choice. The cost is that of reading: a look-up, an addition for each feature, a comparison for each threshold.

A leaf whose own table would be larger than the cap belongs to no group; see `deep.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.contributions.kernels import kernel
from models.contributions.paths import NO_BOUND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.contributions.columns import Columns
    from models.contributions.paths import Paths

MOST_DOUBLES = 8_192
"""The cap of one table, in doubles."""

MOST_IN_ALL = 6_000_000
"""The cap of all tables, in doubles; each is kept twice, which makes some 110 MB."""

MOST_TOGETHER = 256
"""A run has at most so many leaves, so that long trees do not take their square."""

DEEP = -1
"""The group of leaves that have none."""

LOOK_UP, ADDITION, COMPARISON, DOUBLES = 8, 4, 1, 32
"""What a table costs: a look-up, each addition, each comparison, and 1 for so many doubles.

Large tables save additions, but leave a core's own memory. With these weights, which were measured, 9,200
leaves of depth 6 take 10 MB and not 30, and a block of rows half the time.
"""


def groups_of(
    paths: Paths, columns: Columns, *, cap: int = MOST_DOUBLES, most_in_all: int = MOST_IN_ALL
) -> NDArray[np.int64]:
    """Return the group of each leaf, int64 (leaves,), counted from 0 in the leaves' order, or DEEP.

    No table has more doubles than `cap`. Where all together have more than `most_in_all`, the cap is halved
    until they have not: more leaves are deep then.
    """
    sizes = np.diff(columns.first)
    sizes[columns.numbers :] = 1
    first_rank = np.concatenate([[0], np.cumsum(sizes)])
    features = int(paths.feature.max(initial=-1)) + 1
    while True:
        group, doubles = group_leaves(paths, first_rank, features, cap)
        if doubles <= most_in_all:
            return np.asarray(group)
        cap //= 2


@kernel()
def group_leaves(  # noqa: C901, PLR0912, PLR0915  # a kernel: plain loops
    paths: Any, first_rank: Any, features: int, cap: int
) -> Any:
    """Return the group of each leaf, and the doubles of all tables.

    `first_rank` gives each threshold of each column a number of its own. A run grows leaf by leaf; what it
    holds is marked with the run's number.
    """
    group = np.empty(paths.first_leaf[-1], np.int64)
    best = np.empty(len(group) + 1, np.int64)
    last = np.empty(len(group) + 1, np.int64)
    doubles = np.empty(len(group) + 1, np.int64)
    of_rank = np.zeros(first_rank[-1], np.int64)
    of_column, places = np.zeros(len(first_rank) - 1, np.int64), np.zeros(len(first_rank) - 1, np.int64)
    of_feature = np.zeros(features, np.int64)
    run, groups, in_all = 0, 0, 0
    for tree in range(len(paths.first_leaf) - 1):
        begin, end = paths.first_leaf[tree], paths.first_leaf[tree + 1]
        # Of each number of leaves taken from the left: the least cost, and where its last run begins.
        for taken in range(end - begin + 1):
            best[taken], last[taken] = NO_BOUND, 0
        best[0] = 0
        for start in range(begin, end):
            run += 1
            cells, width, comparisons = 1, 0, 0
            for leaf in range(start, min(end, start + MOST_TOGETHER)):
                for at in range(paths.first_feature[leaf], paths.first_feature[leaf + 1]):
                    if of_feature[paths.feature[at]] != run:
                        of_feature[paths.feature[at]] = run
                        width += 1
                for at in range(paths.first_condition[leaf], paths.first_condition[leaf + 1]):
                    mine = paths.column[at]
                    if of_column[mine] != run:
                        of_column[mine] = run
                        places[mine] = 1
                    for bound in (paths.low[at], paths.high[at]):
                        if bound < 0 or bound == NO_BOUND:
                            continue
                        number = first_rank[mine] + bound
                        if of_rank[number] != run:
                            of_rank[number] = run
                            # Once beyond the cap it stays there; it need not grow without end.
                            if cells <= cap:
                                cells = cells // places[mine] * (places[mine] + 1)
                            places[mine] += 1
                            comparisons += 1
                if cells * width > cap:
                    if leaf == start:
                        # Too deep for a table: it is left out, at no cost.
                        best[start - begin + 1] = best[start - begin]
                        last[start - begin + 1] = -1
                    break
                cost = best[start - begin] + LOOK_UP + ADDITION * width + COMPARISON * comparisons
                cost += cells * width // DOUBLES
                if cost < best[leaf + 1 - begin]:
                    best[leaf + 1 - begin], last[leaf + 1 - begin] = cost, start - begin
                    doubles[leaf + 1 - begin] = cells * width
        taken = end - begin
        while taken > 0:
            if last[taken] < 0:
                taken -= 1
                group[begin + taken] = DEEP
                continue
            groups += 1
            in_all += doubles[taken]
            for leaf in range(last[taken], taken):
                group[begin + leaf] = groups
            taken = last[taken]
    # Runs were taken from the right: number them from the left.
    count, seen = 0, 0
    for leaf in range(len(group)):
        if group[leaf] == DEEP:
            continue
        if group[leaf] != seen:
            seen = group[leaf]
            count += 1
        group[leaf] = count - 1
    return group, in_all
