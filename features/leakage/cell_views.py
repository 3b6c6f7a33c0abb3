"""Ways to look at a column: as its values, as bins of a number or time, as shapes of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import CellError, distinct_cells, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.batch import Cells
    from features.cells import CellRules

BINS = 20
"""Into how many bins of equal mass a number is cut: 20 lose less than .01 of a smooth number's AUC."""

SPIKE = 0.02
"""A number that this share of the leads holds has a bin of its own: 0 often means 'none yet'."""

PARSED = 0.95
"""The share of the filled cells that must be numbers, or times, for a column to be read as such."""

_TIME = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ].*)?")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ColumnViews:
    """One column, n leads.

    `values`: int64 (n,), the code of each cell's text (case makes no difference), 0 where missing; `texts`
    names the codes. `bins`: int64 (n,) for numbers and times, 0 where missing, else None; `numbers` float64
    (n,) beside it, NaN where missing (times in seconds since 1970). `shapes` int64 (n,): the pattern of the
    text, for columns of which most values stand once, else None.
    """

    values: NDArray[np.int64]
    texts: tuple[str, ...]
    numbers: NDArray[np.float64] | None
    bins: NDArray[np.int64] | None
    shapes: NDArray[np.int64] | None
    is_time: bool

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which leads have a value."""
        return self.values > 0

    @property
    def codings(self) -> tuple[NDArray[np.int64], ...]:
        """Every view that there is, as codes."""
        return tuple(codes for codes in (self.values, self.bins, self.shapes) if codes is not None)

    @property
    def coarse(self) -> NDArray[np.int64]:
        """The view with few codes: bins where the column is a number or time, shapes of texts, or values."""
        if self.bins is not None:
            return self.bins
        return self.values if self.shapes is None else self.shapes


def views_of(cells: Cells, rules: CellRules) -> ColumnViews:
    """Read a column of raw cells. What it holds decides: neither its name nor the order of rows counts."""
    codes, distinct = distinct_cells(cells)
    texts = [_text_of(cell, rules) for cell in distinct]
    known = sorted({text for text in texts if text is not None})
    code_of = {text: code for code, text in enumerate(known, start=1)}
    values = np.asarray([0 if text is None else code_of[text] for text in texts], np.int64)[codes]
    counts = np.bincount(values, minlength=len(known) + 1)[1:]
    numbers, is_time = _numbers(known, counts, rules)
    by_code = None if numbers is None else np.concatenate([[np.nan], numbers])
    filled = int(counts.sum())
    return ColumnViews(
        values=values,
        texts=("", *known),
        numbers=None if by_code is None else by_code[values],
        bins=None if by_code is None else binned(by_code[values]),
        shapes=_shapes(known, values) if numbers is None and len(known) > 0.5 * filled > 0 else None,
        is_time=is_time,
    )


def binned(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each number, int64 (n,): 0 where missing, one for each spike, BINS of equal mass."""
    known = numbers[~np.isnan(numbers)]
    codes = np.zeros(len(numbers), np.int64)
    if not len(known):
        return codes
    distinct, counts = np.unique(known, return_counts=True)
    spikes = distinct[counts >= SPIKE * len(numbers)]
    rest = known[~np.isin(known, spikes)]
    edges = np.unique(np.quantile(rest, np.arange(1, BINS) / BINS)) if len(rest) else np.zeros(0)
    here = ~np.isnan(numbers)
    codes[here] = 1 + len(spikes) + np.searchsorted(edges, numbers[here], side="right")
    for position, spike in enumerate(spikes):
        codes[numbers == spike] = 1 + position
    return codes


def spiked(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the code of each number, int64 (n,): 0 where missing, 1 where it is no spike, one a spike."""
    distinct, counts = np.unique(numbers[~np.isnan(numbers)], return_counts=True)
    spikes = distinct[counts >= SPIKE * len(numbers)]
    place = np.searchsorted(spikes, numbers)
    is_spike = np.isin(numbers, spikes)
    return np.where(np.isnan(numbers), 0, np.where(is_spike, place + 2, 1)).astype(np.int64)


def _text_of(cell: Any, rules: CellRules) -> str | None:
    try:
        text = text_of(cell, rules)
    except CellError:
        # A list counts as one text: what stands together is told from what does not.
        text = "; ".join(str(part) for part in cell) or None
    return None if text is None else text.casefold()


def _numbers(
    known: Sequence[str], counts: NDArray[np.int64], rules: CellRules
) -> tuple[NDArray[np.float64] | None, bool]:
    """Return the number, or the time in seconds, that each text is, and whether it is a time."""
    if not known:
        return None, False
    numbers = np.asarray([_number(text, rules) for text in known])
    if (counts * ~np.isnan(numbers)).sum() >= PARSED * counts.sum():
        return numbers, False
    if sum(count for text, count in zip(known, counts, strict=True) if _TIME.fullmatch(text)) < (
        PARSED * counts.sum()
    ):
        return None, False
    times = pd.to_datetime(pd.Series(known, dtype="str"), format="mixed", errors="coerce", utc=True)
    seconds = times.to_numpy("datetime64[s]").astype(np.float64)
    return np.where(times.isna(), np.nan, seconds), True


def _number(text: str, rules: CellRules) -> float:
    try:
        return number_of(text, rules)
    except CellError:
        return np.nan


def _shapes(known: Sequence[str], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pattern of each text: its first word, what parts words and digits, and where they stand.

    'CUST-0412' and 'CUST-0977' are alike, 'LEAD-0412' is not; of longer texts the first twelve marks count.
    """
    patterns: dict[str, int] = {}
    codes = [0]
    for text in known:
        start = text[:4] if text[:4].isalpha() else ""
        pattern = start + "|" + _DIGITS.sub("9", _WORD.sub("a", text))[:12]
        codes.append(patterns.setdefault(pattern, len(patterns) + 1))
    return np.asarray(codes, np.int64)[values]
