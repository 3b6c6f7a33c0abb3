"""What a scorer knows, packed for the kernel that rates: made once, when the scorer is made."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from features.read_only import read_only
from models.contributions.packed import doubles_at, packed, wholes_at
from models.rating.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.curve import Curve

RANK, PROBABILITY, LOW, HIGH, FIT, ENGAGEMENT = range(6)
"""The places of the curves."""


class Tables(NamedTuple):
    """Curves, and sets of features.

    Curve c has the knots from `first_knot[c]` up to the next of `knots` float64 (2, all): x and y; `outside`
    float64 (6, 2) are its values below and above. A curve without knots is none.

    Set s has the features from `first[s]` up to the next of `feature`, int64 both: first the groups, then the
    family fit, then engagement, then the fit columns. `name` int64 (groups,) is the place of a group's name
    among all names in order, -1 where it is never named. `least` float64 (features,): a value below it that
    raises the score is told as no merit.
    """

    first_knot: NDArray[np.int64]
    knots: NDArray[np.float64]
    outside: NDArray[np.float64]
    first: NDArray[np.int64]
    feature: NDArray[np.int64]
    name: NDArray[np.int64]
    least: NDArray[np.float64]


class Constants(NamedTuple):
    """Of one scorer.

    `expected`: the expected margin. `at_expected`: 100 x its rank. `near`: the slope of 100 x rank over the
    expected margin ± 0.1. `baseline`: the score of the expected margin. `sure`: the confidence in a lead of
    which enough is known, as a place in `models.rated.CONFIDENCES`.
    """

    expected: float
    at_expected: float
    near: float
    baseline: int
    sure: int


def tables_of(  # the parts, all by name
    *,
    curves: Sequence[Curve | None],
    groups: Sequence[Sequence[int]],
    names: Sequence[str | None],
    families: Sequence[Any],
    columns: Sequence[Any],
    least: NDArray[np.float64],
) -> Tables:
    """Pack the curves in their places, positions of features by group, by family and by fit column."""
    held = [curve for curve in curves if curve is not None]
    sets = [[int(at) for at in positions] for positions in (*groups, *families, *columns)]
    place = {name: at for at, name in enumerate(sorted({name for name in names if name is not None}))}
    return Tables(
        *read_only(
            _offsets([0 if curve is None else len(curve.x) for curve in curves]),
            np.stack(
                [np.concatenate([curve.x for curve in held]), np.concatenate([curve.y for curve in held])]
            ),
            np.asarray([(0.0, 0.0) if curve is None else (curve.below, curve.above) for curve in curves]),
            _offsets([len(one) for one in sets]),
            np.asarray([at for one in sets for at in one], np.int64),
            np.asarray([-1 if name is None else place[name] for name in names], np.int64),
            np.ascontiguousarray(least, np.float64),
        )
    )


def _offsets(sizes: Sequence[int]) -> NDArray[np.int64]:
    return np.asarray([0, *accumulate(sizes)], np.int64)


def packed_of(tables: Tables, constants: Constants) -> NDArray[np.int64]:
    """Return tables and constants as the one array that `unpacked` takes: each has its price in a call."""
    return packed([*tables, np.asarray(constants[:3]), np.asarray(constants[3:], np.int64)])


@kernel
def unpacked(held: Any) -> Any:
    """Return the tables and the constants that were packed."""
    knots, outside = doubles_at(held, 1), doubles_at(held, 2)
    tables = Tables(
        wholes_at(held, 0),
        knots.reshape((2, len(knots) // 2)),
        outside.reshape((len(outside) // 2, 2)),
        wholes_at(held, 3),
        wholes_at(held, 4),
        wholes_at(held, 5),
        doubles_at(held, 6),
    )
    numbers, wholes = doubles_at(held, 7), wholes_at(held, 8)
    return tables, Constants(numbers[0], numbers[1], numbers[2], wholes[0], wholes[1])
