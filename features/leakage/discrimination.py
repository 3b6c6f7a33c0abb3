"""(a) How well a column alone tells who converts, on leads that it was not learned from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

FOLDS = 5
SMOOTHING = 5.0
"""How many leads of the base rate are added to every value: a value seen once says next to nothing."""

WEAK_AUC = 0.60
"""Worth a word. Most columns that help a model at all are below or near it."""

STRONG_AUC = 0.80
"""Seldom reached by one honest column: whole models of real leads reach .66 to .90. It makes a suspect."""

NAMED_AUC = 0.88
"""Above it a column is convicted together with a name that speaks of later work, however vaguely."""

PROOF_AUC = 0.935
"""A single column that ranks this well is the outcome in other words, whatever its name: a copy of the
label of which 5 % are wrong reaches .95, and the best honest models of whole CRMs stay below it."""

TWO_VALUED_AUC = 0.90
"""Of a column with two values, this is nine in ten right on both sides: the label with mistakes in it."""

SURE_AUC = 0.86
"""… and two standard errors below, it must still lie above this: small data convict nobody by their AUC."""

STEADY = 4.0
"""How many standard errors of chance an AUC must lie from .5 to count at all: with a hundred columns, one
in a hundred audits would see a single false one."""


def auc_of_codes(codes: NDArray[np.int64], labels: NDArray[np.float64], fold: NDArray[np.int64]) -> float:
    """Return the out-of-fold AUC (0-1) of the smoothed rate of conversions of each code.

    `codes`, `fold` int64 (n,), labels float64 (n,) of 0 and 1. The rate of a code is learned on the other
    folds, the AUC is measured within each fold and averaged by its pairs of leads. A value that stands once
    is worth the base rate, so identifiers and long tails come out at .5. The order of rows does not matter.
    """
    _, code = np.unique(codes, return_inverse=True)
    size, folds = int(code.max(initial=0)) + 1, int(fold.max(initial=0)) + 1
    place = fold * size + code
    rows = np.bincount(place, minlength=size * folds).reshape(folds, size).astype(np.float64)
    wins = np.bincount(place, weights=labels, minlength=size * folds).reshape(folds, size)
    base = wins.sum() / rows.sum()
    rate = (wins.sum(0) - wins + SMOOTHING * base) / (rows.sum(0) - rows + SMOOTHING)
    measured = [_auc_of_counts(rate[k], wins[k], rows[k] - wins[k]) for k in range(folds)]
    pairs = sum(weight for _, weight in measured)
    return sum(auc * weight for auc, weight in measured) / pairs if pairs else 0.5


def best_auc(
    codings: Iterable[NDArray[np.int64]], labels: NDArray[np.float64], fold: NDArray[np.int64]
) -> float:
    """Return the AUC of the view of a column that tells most."""
    return max((auc_of_codes(codes, labels, fold) for codes in codings), default=0.5)


def monotone_auc(numbers: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    """Return the AUC (.5-1) of a number by its size alone, whichever way; missing ones stand in the middle.

    Nothing is learned but the direction, so small data show as much by it as they hold.
    """
    known = ~np.isnan(numbers)
    if not known.any():
        return 0.5
    size = np.where(known, numbers, np.median(numbers[known]))
    _, rank = np.unique(size, return_inverse=True)
    wins, losses = (np.bincount(rank, weights=of).astype(np.float64) for of in (labels, 1 - labels))
    auc, _ = _auc_of_counts(np.arange(len(wins), dtype=np.float64), wins, losses)
    return max(auc, 1 - auc)


def standard_error(labels: NDArray[np.float64]) -> float:
    """Return the standard error of the AUC of a column that says nothing (Mann and Whitney, 1947).

    >>> round(standard_error(np.repeat([0.0, 1.0], 300)), 3)
    0.024
    """
    ones = float(labels.sum())
    zeros = len(labels) - ones
    return math.sqrt((len(labels) + 1) / (12 * ones * zeros)) if ones and zeros else math.inf


def discrimination(
    auc: float, labels: NDArray[np.float64], *, is_two_valued: bool = False
) -> Evidence | None:
    """Say how much the AUC of a column alone speaks against it, or None where it is next to chance."""
    error = standard_error(labels)
    if auc - 0.5 < STEADY * error:
        return None
    strength = Strength.NONE
    for bound, level in (
        (WEAK_AUC, Strength.WEAK),
        (STRONG_AUC, Strength.STRONG),
        (TWO_VALUED_AUC if is_two_valued else PROOF_AUC, Strength.PROOF),
    ):
        if auc >= bound:
            strength = level
    if strength is Strength.PROOF and auc - 2 * _error_at(auc, labels) < SURE_AUC:
        strength = Strength.STRONG
    said = f"alone it ranks leads with an AUC of {auc:.2f} (out of fold; chance is .50)"
    if strength is Strength.PROOF:
        said += ", better than honest columns ever do"
    return Evidence(kind="discrimination", strength=strength, figure=auc, sentence=said)


def _error_at(auc: float, labels: NDArray[np.float64]) -> float:
    """Return the standard error of an AUC (Hanley and McNeil, 1982)."""
    ones = float(labels.sum())
    zeros = len(labels) - ones
    of_two_ones, of_two_zeros = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (ones - 1) * (of_two_ones - auc**2) + (zeros - 1) * (of_two_zeros - auc**2)
    return math.sqrt(max(0.0, spread) / (ones * zeros))


def _auc_of_counts(
    rate: NDArray[np.float64], wins: NDArray[np.float64], losses: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the AUC of counted codes, ties counted half, and the number of pairs that it rests on."""
    _, rank = np.unique(rate, return_inverse=True)
    ones = np.bincount(rank, weights=wins)
    zeros = np.bincount(rank, weights=losses)
    pairs = float(ones.sum() * zeros.sum())
    below = np.cumsum(zeros) - zeros / 2
    return (float((ones * below).sum()) / pairs if pairs else 0.5), pairs
