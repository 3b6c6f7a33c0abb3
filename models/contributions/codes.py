"""Codes of values: how kernels find the place of a value in a column. See `columns.py` for what a code is."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.contributions.columns import NAN, ZERO, ZERO_SIZE
from models.contributions.kernels import kernel

COUNTED = 256
"""Up to so many thresholds it is faster to compare many rows with each than to search for each row."""


@kernel(inline="always")
def as_read(value: Any) -> Any:
    """Return a value as LightGBM reads it: what is hardly anything is zero."""
    return 0.0 if abs(value) <= ZERO_SIZE else value


@kernel()
def place_of(value: Any, thresholds: Any, first: Any, last: Any) -> Any:
    """Return how many of the thresholds from `first` up to `last`, ascending, are below a value; of NaN 0."""
    low, size = first, last - first
    while size > 1:
        half = size >> 1
        low = low + half if thresholds[low + half - 1] < value else low
        size -= half
    return low - first + (1 if size == 1 and thresholds[low] < value else 0)


@kernel()
def goes_right(value: Any, words: Any, first: Any, last: Any) -> Any:
    """Return 1 where a value's category is not in a set of bits, 0 where it is."""
    # -1 < value: what is between -1 and 0 has the whole part 0. NaN fails the comparison.
    if not -1.0 < value < 2147483648.0:
        return 1
    category = np.int64(value)
    word = first + (category >> 5)
    return 1 if word >= last else 1 - ((np.int64(words[word]) >> (category & 31)) & 1)


@kernel()
def code_row(values: Any, codes: Any, columns: Any) -> None:
    """Fill the codes, uint16 (columns,), of one row, float64 (features,), as read."""
    for column in range(columns.numbers):
        value = values[columns.feature[column]]
        if (columns.kind[column] == NAN and np.isnan(value)) or (
            columns.kind[column] == ZERO and not abs(value) > 0.0
        ):
            codes[column] = columns.missing[column]
        else:
            known = 0.0 if np.isnan(value) else value
            codes[column] = place_of(
                known, columns.thresholds, columns.first[column], columns.first[column + 1]
            )
    for column in range(columns.numbers, len(codes)):
        value = values[columns.feature[column]]
        start = columns.first[columns.numbers]
        codes[column] = goes_right(
            value, columns.words, columns.first[column] - start, columns.first[column + 1] - start
        )


@kernel()
def code_block(values: Any, codes: Any, rows: int, columns: Any) -> None:
    """Fill the codes, uint16 (columns, block), of `rows` rows, float64 (features, block), as read."""
    for column in range(columns.numbers):
        of, start, end = columns.feature[column], columns.first[column], columns.first[column + 1]
        if end - start <= COUNTED:
            for row in range(rows):
                codes[column, row] = 0
            for at in range(start, end):
                threshold = columns.thresholds[at]
                for row in range(rows):
                    codes[column, row] += np.uint16(values[of, row] > threshold)
        else:
            for row in range(rows):
                codes[column, row] = place_of(values[of, row], columns.thresholds, start, end)
        zero = place_of(0.0, columns.thresholds, start, end)
        is_nan = (
            columns.missing[column] if columns.kind[column] == NAN or columns.kind[column] == ZERO else zero
        )
        is_zero = columns.missing[column] if columns.kind[column] == ZERO else zero
        for row in range(rows):
            value = values[of, row]
            codes[column, row] = (
                is_zero if value == 0.0 else (is_nan if np.isnan(value) else codes[column, row])
            )
    for column in range(columns.numbers, len(codes)):
        of, start, end = (
            columns.feature[column],
            columns.first[column] - columns.first[columns.numbers],
            columns.first[column + 1] - columns.first[columns.numbers],
        )
        for row in range(rows):
            codes[column, row] = goes_right(values[of, row], columns.words, start, end)
