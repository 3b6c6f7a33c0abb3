"""A win as a rule over events: the n-th of its kind within a length of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.durations import DAY_US

if TYPE_CHECKING:
    from features.mapping import WonWhen


def won_when_rule(events: pd.DataFrame, rule: WonWhen) -> pd.DataFrame:
    """Return one outcome `won` for each lead whose events meet the rule, at its first such moment.

    `events` is the canonical table, in any order. Of the events of type `rule.event` (with
    `distinct_days`: of the first on each UTC day), the last of `rule.count` in a row must lie less than
    `rule.within` after the first. `known_at` is when all of them were known. Columns as in
    `features.tables.OUTCOMES`; rows by lead in order of first appearance.
    """
    chosen = events[(events["type"] == rule.event).to_numpy()]
    lead, names = pd.factorize(chosen["lead_id"])
    at = _microseconds(chosen["occurred_at"])
    known = _microseconds(chosen["known_at"])
    order = np.lexsort((at, lead))
    lead, at, known = lead[order], at[order], known[order]
    if rule.distinct_days:
        first = np.ones(len(at), dtype=bool)
        day = at // DAY_US
        first[1:] = (lead[1:] != lead[:-1]) | (day[1:] != day[:-1])
        lead, at, known = lead[first], at[first], known[first]
    met = _met(lead, at, rule)
    winners, wins = np.unique(lead[met], return_index=True)
    last = met[wins]
    known_all = known[last]
    for back in range(1, rule.count):
        known_all = np.maximum(known_all, known[last - back])
    won = pd.DataFrame(
        {
            "lead_id": pd.Series(names[winners], dtype="str"),
            "occurred_at": _moments(at[last]),
            "known_at": _moments(known_all),
        }
    )
    return won.assign(outcome=pd.Series("won", index=won.index, dtype="str"), value=np.nan)


def _met(lead: np.ndarray, at: np.ndarray, rule: WonWhen) -> np.ndarray:
    """Return the positions of the last events of all runs that meet the rule (ascending)."""
    run = rule.count - 1
    if len(at) <= run:
        return np.empty(0, dtype=np.int64)
    same = lead[run:] == lead[: len(lead) - run]
    if rule.within is not None:
        same &= at[run:] - at[: len(at) - run] < rule.within
    return np.flatnonzero(same) + run


def _microseconds(times: pd.Series[pd.Timestamp]) -> np.ndarray:
    return times.dt.as_unit("us").astype("int64").to_numpy()


def _moments(us: np.ndarray) -> pd.Series[pd.Timestamp]:
    return pd.Series(us.view("datetime64[us]")).dt.tz_localize("UTC")
