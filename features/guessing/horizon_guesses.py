"""The horizon: how long after a moment a lead is watched, judged by how long leads took to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.guessing.guess import Guess

if TYPE_CHECKING:
    import pandas as pd

_USUAL_DAYS = (30, 60, 90, 180, 365)
_SHORT_DAYS = (7, 14)


def horizon_guess(starts: pd.Series[pd.Timestamp], ends: pd.Series[pd.Timestamp]) -> Guess:
    """Guess the horizon from when leads were created and when they ended (both by the lead's id).

    The first usual length that holds three quarters of the outcomes; but no longer than a quarter of the
    history, and than leaves half of the leads matured, because nothing can be learned from the others.
    """
    start_of = starts[starts.index.notna() & ~starts.index.duplicated()].dropna()
    ends = ends.dropna()
    took = ends - start_of.reindex(ends.index).set_axis(ends.index)
    days_taken = took.dropna().dt.total_seconds() / 86_400
    if days_taken.empty:
        return Guess(section="training", key="horizon", value="90 days", why="a usual length; choose yours")
    half, most, nearly_all = np.quantile(days_taken, [0.5, 0.75, 0.9])
    wanted = next((days for days in _USUAL_DAYS if most <= days), _USUAL_DAYS[-1])
    why = (
        f"half of the outcomes come within {half:.0f} days of the creation, three quarters within "
        f"{most:.0f}, nine in ten within {nearly_all:.0f}"
    )
    newest = max(start_of.max(), ends.max())
    span = (newest - start_of.min()).total_seconds() / 86_400
    matured = float(np.median((newest - start_of).dt.total_seconds())) / 86_400
    longest = min(span / 4, matured)
    fitting = [days for days in (*_SHORT_DAYS, *_USUAL_DAYS) if days <= longest]
    days = min(wanted, max(fitting, default=_SHORT_DAYS[0]))
    if days < wanted:
        why += (
            f"; {wanted} days would be usual, but the history spans {span:.0f}: longer than a quarter of it "
            "leaves too few leads whose horizon has passed"
        )
    return Guess(section="training", key="horizon", value=f"{days} days", why=why)
