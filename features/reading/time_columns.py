"""Columns of times, read by the rules of single ones.

A column is parsed by parsing its different values one at a time; plain ISO 8601, which is what ten million
rows are likely to hold, goes through Arrow, and the tests hold the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.times import EPOCH, YEARS, TimeError, TimeRules, offsets_at, parsed_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PLAIN_ISO = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?$"
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A parsed column: `times` datetime64[us, UTC] on the column's index (NaT: missing or bad).

    `bad`: bool, one a row: a value that is no time. `ambiguous`, `shifted`: numbers of rows.
    """

    times: pd.Series[pd.Timestamp]
    bad: NDArray[np.bool_]
    ambiguous: int
    shifted: int


def parse_time_column(column: pd.Series[Any], rules: TimeRules, *, day_end: bool) -> TimeColumn:
    """Parse a column of raw cells (text, dates or typed times) exactly as `parse_time` does each."""
    if isinstance(column.dtype, pd.DatetimeTZDtype) or (column.dtype.kind == "M" and rules.zone == "UTC"):
        return _typed(column)
    known = column.notna().to_numpy()
    us = np.full(len(column), np.iinfo(np.int64).min, dtype=np.int64)
    bad = np.zeros(len(column), dtype=bool)
    is_text = isinstance(column.dtype, pd.StringDtype)
    codes, distinct = pd.factorize(column if is_text else column.astype(object))
    parsed = _parsed_distinct(
        distinct if is_text else list(distinct), rules, day_end=day_end, are_texts=is_text
    )
    values, wrong, ambiguous, shifted = parsed
    us[known] = values[codes[known]]
    bad[known] = wrong[codes[known]]
    us[bad] = np.iinfo(np.int64).min
    counts = np.bincount(codes[known], minlength=len(values))
    series = pd.Series(us.view("datetime64[us]"), index=column.index).dt.tz_localize("UTC")
    return TimeColumn(series, bad, int(counts[ambiguous].sum()), int(counts[shifted].sum()))


def _typed(column: pd.Series[Any]) -> TimeColumn:
    """Return times that are typed already and whose zone is known."""
    moments = column.dt.tz_convert("UTC") if column.dt.tz is not None else column.dt.tz_localize("UTC")
    moments = moments.dt.floor("us").dt.as_unit("us")
    bad = (column.notna() & ~moments.dt.year.between(*YEARS)).to_numpy()
    return TimeColumn(moments.mask(bad), bad, 0, 0)


def _parsed_distinct(
    values: Sequence[Any] | pd.Index[Any], rules: TimeRules, *, day_end: bool, are_texts: bool
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    us = np.zeros(len(values), dtype=np.int64)
    bad, ambiguous, shifted = (np.zeros(len(values), dtype=bool) for _ in range(3))
    done = np.zeros(len(values), dtype=bool)
    if rules.time_format is None and are_texts:
        done = _plain_iso(pa.array(values, pa.string()), us, rules, day_end=day_end)
    singly = [] if done.all() else list(values)
    for at in np.flatnonzero(~done):
        try:
            us[at], ambiguous[at], shifted[at] = parsed_time(singly[at], rules, day_end=day_end)
        except TimeError:
            bad[at] = True
    return us, bad, ambiguous, shifted


def _plain_iso(
    texts: pa.StringArray, us: NDArray[np.int64], rules: TimeRules, *, day_end: bool
) -> NDArray[np.bool_]:
    """Fill `us` where the text is plain ISO 8601, local or with a Z; return where that was done."""
    done = np.zeros(len(texts), dtype=bool)
    plain: NDArray[np.bool_] = pc.match_substring_regex(texts, _PLAIN_ISO).to_numpy(zero_copy_only=False)
    chosen = texts.filter(pa.array(plain))
    try:
        times = pc.utf8_rtrim(chosen, "Z").cast(pa.timestamp("us"))
    except pa.ArrowInvalid:  # one text at least looks like a time and is none
        return done
    years = pc.year(times).to_numpy(zero_copy_only=False)
    marked = pc.ends_with(chosen, "Z").to_numpy(zero_copy_only=False)
    day_only = pc.equal(pc.utf8_length(chosen), 10).to_numpy(zero_copy_only=False)
    sure = (years >= YEARS[0]) & (years <= YEARS[1])
    values = times.cast(pa.int64()).to_numpy(zero_copy_only=False).copy()
    values[day_only & day_end] += 86_400_000_000 - 1
    if rules.zone != "UTC":
        sure &= ~day_only
        local = sure & ~marked
        offsets, constant = _offsets_by_hour(values[local], rules.zone)
        values[local] -= offsets
        sure[local] &= constant
    us[plain] = values
    done[plain] = sure
    return done


def _offsets_by_hour(local_us: NDArray[np.int64], zone: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the offsets of local times, and where they are certain: in hours in which no clock changes."""
    hours, codes = np.unique(local_us // 3_600_000_000, return_inverse=True)
    offsets = np.zeros(len(hours), dtype=np.int64)
    constant = np.zeros(len(hours), dtype=bool)
    for at, hour in enumerate(hours.tolist()):
        start = EPOCH + timedelta(hours=hour)
        both_ends = {*offsets_at(start, zone), *offsets_at(start + timedelta(hours=1) - _US, zone)}
        offsets[at], constant[at] = min(both_ends), len(both_ends) == 1
    return offsets[codes], constant[codes]
