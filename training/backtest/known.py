"""What training would have had at an earlier moment, of a history that goes on after it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from features.snapshots import Lives, census, snapshots

if TYPE_CHECKING:
    from features.history import History
    from features.snapshots import Moments
    from features.tables import Tables


def known_at(tables: Tables, history: History, moment: int) -> tuple[Moments, Moments]:
    """Return examples and census as training at `moment` (int64 microseconds UTC) would have cut them.

    Every window of a horizon has ended by then, and every label is what the outcomes say that had happened
    and were known by then. Leads keep their positions in the history.
    """
    then = copy(history)
    then.extract_at = min(moment, history.extract_at)
    lives = Lives(tables, then)
    return snapshots(then, lives, history.mapping), census(then, lives, history.mapping)
