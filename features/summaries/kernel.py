"""The kernel of summaries: one pass over the events of a lead."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

NEVER = np.iinfo(np.int64).min
"""Stands where the last moment of something that never happened would."""


@numba.njit(cache=True, nogil=True)
def summarise_all(  # noqa: PLR0913, PLR0917  # a kernel
    counts: Any,
    last: Any,
    owner: Any,
    as_of: Any,
    offsets: Any,
    occurred_at: Any,
    known_at: Any,
    key: Any,
    detail_key: Any,
    is_touch: Any,
    bits_of: Any,
    spans: Any,
    sides: Any,
    kinds: int,
) -> None:
    """Fill `counts` and `last` (n, summaries) for n moments of owners, as `summarise` does for one."""
    for row in range(len(owner)):
        summarise(
            counts[row], last[row], offsets[owner[row]], offsets[owner[row] + 1], as_of[row],
            occurred_at, known_at, key, detail_key, is_touch, bits_of, spans, sides, kinds,
        )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def summarise(  # noqa: PLR0913, PLR0917  # a kernel
    counts: Any,
    last: Any,
    first: int,
    end: int,
    now: int,
    occurred_at: Any,
    known_at: Any,
    key: Any,
    detail_key: Any,
    is_touch: Any,
    bits_of: Any,
    spans: Any,
    sides: Any,
    kinds: int,
) -> None:
    """Count events `first` to `end`, in any order, in `counts`, and note the newest moments in `last`.

    `bits_of` says for each key which summaries name it, `sides` which are of all acts and of all touches, and
    `kinds` which count each kind once, as bits.
    """
    seen = np.zeros(len(bits_of) if kinds else 0, np.int64)
    for event in range(first, end):
        when = occurred_at[event]
        if when > now or known_at[event] > now:
            continue
        kind = key[event]
        bits = bits_of[kind] | sides[1 if is_touch[event] else 0]
        if detail_key[event] >= 0:
            kind = detail_key[event]
            bits |= bits_of[kind]
        place = 0
        while bits:
            if bits & 1 and (now - when) < spans[place]:
                last[place] = max(last[place], when)
                mark = np.int64(1) << place
                if kinds & mark == 0:
                    counts[place] += 1
                elif seen[kind] & mark == 0:
                    seen[kind] |= mark
                    counts[place] += 1
            bits >>= 1
            place += 1
