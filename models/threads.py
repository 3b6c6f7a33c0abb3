"""How many threads some rows are worth."""

from __future__ import annotations

from features.processors import usable_processors

THREADED_ROWS = 2_048
"""Fewer rows are not worth a second thread."""


def threads_for(rows: int) -> int:
    """Return how many threads so many rows are worth, of the processors that this process may use."""
    return 1 if rows < THREADED_ROWS else usable_processors()
