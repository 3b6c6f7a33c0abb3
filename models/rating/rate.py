"""The kernel that rates: from vectors and contributions to all that a score holds but its words.

Plain loops in a fixed order, the same for one row and for many, so that both have the same bits. What they
compute is defined elsewhere, in numpy: `models.curve`, `models.calibration`, `models.reasons`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models.contributions.single import explain_packed
from models.rating.curves import curve_at, rating_of, slope_at
from models.rating.kernels import kernel
from models.rating.tables import ENGAGEMENT, FIT, HIGH, LOW, PROBABILITY, RANK, unpacked
from models.reasons.largest import NOBODY, choose_largest
from models.reasons.not_known import LEAST, NAMED, NO_GROUP
from models.reasons.telling import GRAIN

MARGIN, POINT, LOWER, UPPER, SLOPE, REST_LOG_ODDS, REST_EFFECT, AMOUNTS = range(8)
"""The places of what is a number of each row. From AMOUNTS on stand k log-odds, and then k effects."""

SCORE, FIT_SCORE, ENGAGEMENT_SCORE, CONFIDENCE, NAMES = range(5)
"""The places of what is a whole number of each row. From NAMES on stand NAMED groups that the last reason
names, and then the k groups that moved the margin most."""

CHOSEN = NAMES + NAMED


@kernel
def rate(  # noqa: PLR0917  # inputs, tables, and what is filled
    vectors: Any, contributions: Any, start: int, stop: int, held: Any, numbers: Any, wholes: Any
) -> None:
    """Fill the rows from `start` up to `stop`.

    `vectors` float64 (n, features), `contributions` likewise, or with more columns. `held` are the packed
    tables and constants. `numbers` float64 (n, 7 + 2 k), `wholes` int64 (n, 7 + k). What they held is lost.
    """
    tables, constants = unpacked(held)
    groups, most = len(tables.name), wholes.shape[1] - CHOSEN
    numbers[start:stop, AMOUNTS:] = 0.0
    wholes[start:stop, CHOSEN:] = NOBODY
    wholes[start:stop, NAMES:CHOSEN] = NO_GROUP
    choose_largest(
        vectors[start:stop],
        contributions[start:stop],
        tables.first[: groups + 1],
        tables.feature,
        tables.least,
        wholes[start:stop, CHOSEN:],
        numbers[start:stop, AMOUNTS : AMOUNTS + most],
    )
    has_engagement = tables.first_knot[ENGAGEMENT] < tables.first_knot[ENGAGEMENT + 1]
    for row in range(start, stop):
        parts = contributions[row]
        margin = constants.expected
        for feature in range(vectors.shape[1]):
            margin += parts[feature]
        rank, point = curve_at(tables, RANK, margin), curve_at(tables, PROBABILITY, margin)
        low, high = curve_at(tables, LOW, margin), curve_at(tables, HIGH, margin)
        slope, score = slope_at(100.0 * rank, margin, constants), rating_of(rank)
        numbers[row, MARGIN], numbers[row, POINT], numbers[row, SLOPE] = margin, point, slope
        numbers[row, LOWER], numbers[row, UPPER] = min(low, point), max(high, point)
        wholes[row, SCORE] = score
        wholes[row, FIT_SCORE] = rating_of(curve_at(tables, FIT, sum_of(parts, tables, groups)))
        wholes[row, ENGAGEMENT_SCORE] = 0
        if has_engagement:
            moved = sum_of(parts, tables, groups + 1)
            wholes[row, ENGAGEMENT_SCORE] = rating_of(curve_at(tables, ENGAGEMENT, moved))
        wholes[row, CONFIDENCE] = constants.sure if is_known_enough(vectors[row], tables) else 0
        amounts = numbers[row, AMOUNTS : AMOUNTS + most]
        effects = numbers[row, AMOUNTS + most :]
        for place in range(most):
            if wholes[row, CHOSEN + place] == NOBODY:
                break
            effects[place] = np.rint(amounts[place] * slope * GRAIN) / GRAIN + 0.0
        numbers[row, REST_LOG_ODDS] = remainder_of(amounts, margin - constants.expected)
        numbers[row, REST_EFFECT] = remainder_of(effects, float(score - constants.baseline))
        name_groups(vectors[row], parts, tables, wholes[row, NAMES:CHOSEN])


@kernel
def explain_and_rate(  # noqa: PLR0917  # inputs, tables, and what is filled
    vectors: Any, held: Any, amounts: Any, rating: Any, found: Any, numbers: Any, wholes: Any
) -> None:
    """Fill contributions, `found` float64 (n, features + 1), and all that `rate` does, in one call.

    `held` and `amounts` are as `explain_packed` takes them, and `rating` is what `rate` does.
    """
    explain_packed(vectors, found, held, amounts)
    rate(vectors, found, 0, len(vectors), rating, numbers, wholes)


@kernel
def sum_of(parts: Any, tables: Any, which: int) -> float:
    """Return what the features of a set gave, added up in their order."""
    total = 0.0
    for at in range(tables.first[which], tables.first[which + 1]):
        total += parts[tables.feature[at]]
    return total


@kernel
def is_nothing_known(vector: Any, tables: Any, which: int) -> bool:
    """Return whether all values of a set of features are missing."""
    for at in range(tables.first[which], tables.first[which + 1]):
        if not np.isnan(vector[tables.feature[at]]):
            return False
    return True


@kernel
def is_known_enough(vector: Any, tables: Any) -> bool:
    """Return whether at least half of the fit columns are known, or there are none."""
    first = len(tables.name) + 2
    columns, known = len(tables.first) - 1 - first, 0
    for which in range(first, first + columns):
        known += not is_nothing_known(vector, tables, which)
    return known * 2 >= columns


@kernel
def remainder_of(parts: Any, total: float) -> float:
    """Return what, added last to the parts, gives the total; see `models.reasons.rest.remainder`."""
    partial = 0.0
    for part in parts:
        partial += part
    rest = total - partial
    while partial + rest < total:
        rest = np.nextafter(rest, np.inf)
    while partial + rest > total:
        rest = np.nextafter(rest, -np.inf)
    return rest


@kernel
def name_groups(vector: Any, parts: Any, tables: Any, named: Any) -> None:
    """Fill `named` with the groups that the last reason names; see `models.reasons.not_known.NotKnown.of`.

    The first in order are kept: by amount, then by name; of those with one name the first.
    """
    least = np.zeros(len(named))
    for group in range(len(tables.name)):
        name = tables.name[group]
        if name < 0 or not is_nothing_known(vector, tables, group):
            continue
        amount = sum_of(parts, tables, group)
        if not amount <= LEAST:
            continue
        place = 0
        while place < len(named) and named[place] != NO_GROUP:
            if amount < least[place] or (amount == least[place] and name < tables.name[named[place]]):
                break
            if tables.name[named[place]] == name:
                place = len(named)
                break
            place += 1
        if place == len(named):
            continue
        last = place
        while last < len(named) - 1 and named[last] != NO_GROUP and tables.name[named[last]] != name:
            last += 1
        for later in range(last, place, -1):
            named[later], least[later] = named[later - 1], least[later - 1]
        named[place], least[place] = group, amount
