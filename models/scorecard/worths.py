"""What rules give to rows: the kernel, the same for one row and for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from features.decay import halved
from features.read_only import read_only
from models.rating.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

GRAIN = 2.0**30
"""What a rule gives is a whole multiple of 1 / GRAIN points (1e-9), so that doubles add points up without
rounding, in whatever order."""


class RuleTables(NamedTuple):
    """Rules as the kernel takes them.

    `position`, `since` int64 (rules,): the features that are tested, and by which points decay, -1 where they
    do not. `points`, `half_life_days`, `at_least` float64 (rules,): a rule with values has NaN for at_least,
    and those from `first_value[rule]` up to the next of `values`. Section s shares out `cap[s]` among the
    rules from `first_capped[s]` up to the next of `capped`.
    """

    position: NDArray[np.int64]
    since: NDArray[np.int64]
    points: NDArray[np.float64]
    half_life_days: NDArray[np.float64]
    at_least: NDArray[np.float64]
    first_value: NDArray[np.int64]
    values: NDArray[np.float64]
    first_capped: NDArray[np.int64]
    capped: NDArray[np.int64]
    cap: NDArray[np.float64]


def ragged(parts: Sequence[Sequence[float]]) -> tuple[NDArray[np.int64], list[float]]:
    """Return where each part begins, and where the last ends, and all of them one after another."""
    return np.cumsum([0, *map(len, parts)], dtype=np.int64), [value for part in parts for value in part]


def worths_of(values: NDArray[np.float64], tables: RuleTables) -> NDArray[np.float64]:
    """Return what each rule gives to each row of vectors, float64 (n, rules), after decay and caps."""
    worths = np.empty((len(values), len(tables.position)))
    fill_worths(*read_only(np.ascontiguousarray(values)), tables, worths)
    return worths


def by_feature(worths: NDArray[np.float64], tables: RuleTables, features: int) -> NDArray[np.float64]:
    """Return what rules give (n, rules) as points by feature, float64 (n, features)."""
    found = np.zeros((len(worths), features))
    add_by_feature(*read_only(np.ascontiguousarray(worths)), tables, found)
    return found


@kernel
def fill_worths(vectors: Any, tables: Any, worths: Any) -> None:
    """Fill `worths`, float64 (n, rules).

    Decayed points are points x 2**-(days since / half-life). A value that is not known matches nothing.
    """
    for row in range(len(vectors)):
        for rule in range(len(tables.position)):
            worths[row, rule] = 0.0
            if not matches(vectors[row, tables.position[rule]], tables, rule):
                continue
            worth = tables.points[rule]
            if tables.since[rule] >= 0:
                days = vectors[row, tables.since[rule]]
                if not np.isnan(days):
                    worth *= halved(days / tables.half_life_days[rule])
            worths[row, rule] = np.rint(worth * GRAIN) / GRAIN
        for section in range(len(tables.cap)):
            share_out(worths[row], tables, section)


@kernel
def matches(value: float, tables: Any, rule: int) -> bool:
    """Return whether a value passes a rule's test."""
    if not np.isnan(tables.at_least[rule]):
        return bool(value >= tables.at_least[rule])
    for at in range(tables.first_value[rule], tables.first_value[rule + 1]):
        if value == tables.values[at]:
            return True
    return False


@kernel
def share_out(worths: Any, tables: Any, section: int) -> None:
    """Share the cap of a section out among its rules, in proportion, where they give more.

    Shares are rounded down to the grain; what that leaves goes to the rule that gives most, the first of
    those, so that what is given adds up to the cap exactly.
    """
    start, stop = tables.first_capped[section], tables.first_capped[section + 1]
    cap, total, most = tables.cap[section], 0.0, tables.capped[start]
    for at in range(start, stop):
        rule = tables.capped[at]
        total += max(worths[rule], 0.0)
        if worths[rule] > worths[most]:
            most = rule
    if not total > cap:
        return
    given = 0.0
    for at in range(start, stop):
        rule = tables.capped[at]
        if worths[rule] > 0.0:
            worths[rule] = np.floor(worths[rule] * (cap / total) * GRAIN) / GRAIN
            given += worths[rule]
    worths[most] += cap - given


@kernel
def add_by_feature(worths: Any, tables: Any, found: Any) -> None:
    """Add what rules give to the points of the features that they test, in the order of the rules."""
    for row in range(len(worths)):
        for rule in range(len(tables.position)):
            found[row, tables.position[rule]] += worths[row, rule]
