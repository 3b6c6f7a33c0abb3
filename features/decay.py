"""Halving with age, to the same bit on every machine."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LN_2 = 0.6931471805599453
_TERMS = 15
_COEFFICIENTS = np.asarray(list(accumulate(range(1, _TERMS), lambda term, k: term * -LN_2 / k, initial=1.0)))
"""The series of 2**-x at 0, (-ln 2)**k / k!: exp(-x ln 2)."""

_HALVES = np.asarray([2.0**-k for k in range(64)])


@numba.njit(cache=True, nogil=True)
def halved(half_lives: float) -> float:
    """Return 2**-x for x >= 0, within 4e-16 of it relatively; 0 where x is beyond 63.

    The library's exponential differs in its last bit from machine to machine and from one compiler to
    another. This is additions and multiplications in a fixed order (Horner's scheme of the Taylor series
    around the nearest whole number), which IEEE 754 defines to the bit.

    >>> halved(0.0), halved(3.0), round(halved(0.5), 15)
    (1.0, 0.125, 0.707106781186548)
    """
    whole = int(half_lives + 0.5)
    if whole >= len(_HALVES):
        return 0.0
    rest = half_lives - whole
    total = _COEFFICIENTS[_TERMS - 1]
    for k in range(_TERMS - 2, -1, -1):
        total = total * rest + _COEFFICIENTS[k]
    return float(total * _HALVES[whole])


@numba.njit(cache=True, nogil=True)
def halvings(half_lives: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 2**-x of each x >= 0, float64 (n,), as `halved` does; 1 where x is not known (NaN)."""
    shares = np.ones(len(half_lives))
    for row in range(len(half_lives)):
        if not np.isnan(half_lives[row]):
            shares[row] = halved(half_lives[row])
    return shares
