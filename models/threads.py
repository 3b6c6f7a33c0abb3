"""How many threads some rows are worth."""

from __future__ import annotations

import os

THREADED_ROWS = 2_048
"""Fewer rows are not worth a second thread."""


def threads_for(rows: int) -> int:
    """Return how many threads so many rows are worth, of the processors that this process may use."""
    return 1 if rows < THREADED_ROWS else processors()


def processors() -> int:
    """Return how many processors this process may use: a unit or a container may give it fewer than all."""
    allowed = getattr(os, "sched_getaffinity", None)
    return (os.cpu_count() or 1) if allowed is None else len(allowed(0))
