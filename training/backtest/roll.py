"""Rolling through time: a model at each moment, and what it foretells of the leads that are open after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.durations import spelled
from features.errors import Fault, InputError, RefusedError
from features.snapshots import WEEK
from training.backtest.compare import PERIOD, Rolled, Said, compared
from training.backtest.known import known_at
from training.evidence.evidence import BASE_RATE
from training.evidence.flattery import random_split
from training.fitting.fit import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from features.history import History
    from features.mapping import Mapping
    from features.snapshots import Moments
    from features.tables import Tables
    from models.scorer import LeadScorer
    from training.backtest.cadence import Cadence
    from training.backtest.found import Backtest
    from training.examples import Examples
    from training.fitting.recipe import Recipe

_A_MONDAY = int(pd.Timestamp("1970-01-05").timestamp()) * 1_000_000


def backtest(
    tables: Tables,
    examples: Examples[History],
    recipe: Recipe,
    cadences: Sequence[Cadence],
    *,
    since: int | None = None,
    periods: int | None = None,
    report: Callable[[int, int], None] = lambda _done, _of: None,
) -> Backtest:
    """Train at each moment that a cadence asks for, and foretell the census after it.

    `tables` are those that `examples` were cut from, duplicates merged. `since` (int64 microseconds UTC): the
    first moment, moved to the next Monday; by default the middle of what can be foretold. `periods`: how many
    times four weeks are foretold, by default all that there are. `report` is told the fits done, and of how
    many. Raises RefusedError where the data are flat or nothing is left to learn from or to foretell, and
    InputError where `since` is out of the data.
    """
    history = examples.history
    horizon = refuse_flat(history.mapping)
    start = _start(examples.census, since, horizon)
    chosen = _chosen(examples.census, start, periods)
    rolling = _Rolling(tables, history, recipe, examples.census.where(chosen), start)
    fitted = rolling.through(cadences, report)
    report(fitted, fitted + 1)
    whole = fit(history, examples.learned, examples.census, recipe)
    random = random_split(history, whole, examples.census).where(chosen)
    report(fitted + 1, fitted + 1)
    found = Rolled(
        rows=rolling.tested,
        owner=history.owner[rolling.tested.lead],
        start=start,
        fits=fitted,
        ways=rolling.ways,
        random=random,
    )
    return compared(found, horizon=spelled(horizon), notes=_notes(history))


def refuse_flat(mapping: Mapping) -> int:
    """Return the horizon in microseconds. Raises RefusedError where the data have no time to roll through."""
    horizon = mapping.training.horizon if mapping.is_dated else None
    if horizon is None:
        raise RefusedError(
            "A backtest rolls through time, and these data are flat: one row an example, without dates. "
            "What can be shown of them is the evidence of: leadlens train"
        )
    return horizon


class _Rolling:
    """What has been foretold so far of the rows to test, by each cadence (`ways`)."""

    def __init__(self, tables: Tables, history: History, recipe: Recipe, tested: Moments, start: int) -> None:
        self._tables, self._history, self._recipe, self._start = tables, history, recipe, start
        self._week = (tested.as_of - start) // WEEK
        self.tested = tested
        self.ways: list[Said] = []

    def through(self, cadences: Sequence[Cadence], report: Callable[[int, int], None]) -> int:
        """Train in every week in which a cadence retrains, and foretell; return how many were trained."""
        weeks = range(int(self._week.max()) + 1)
        asked = [week for week in weeks if any(one.retrains_in(week) for one in cadences)]
        said = {one: np.full(len(self.tested), np.nan) for one in cadences}
        share = np.full(len(self.tested), np.nan)
        for done, week in enumerate(asked):
            report(done, len(asked) + 1)
            scorer = self._learned(week)
            share[self._week >= week] = scorer.base_rate
            for one, probabilities in said.items():
                if one.retrains_in(week):
                    rows = self._until_next(one, week)
                    probabilities[rows] = self._foretold(scorer, rows)
        self.ways = [
            Said(one.name, one.said, sum(map(one.retrains_in, asked)), found) for one, found in said.items()
        ]
        of_the_time = "the share of the census that was known at the newest retraining"
        self.ways.append(Said(BASE_RATE, of_the_time, 0, share))
        return len(asked)

    def _learned(self, week: int) -> LeadScorer:
        """Return a model of what was known at the beginning of a week."""
        moment = self._start + week * WEEK
        try:
            return fit(self._history, *known_at(self._tables, self._history, moment), self._recipe).scorer
        except RefusedError as reason:
            raise RefusedError(
                f"On {_date(moment)} too little was known to learn from: {reason} Or begin later: --from DATE"
            ) from reason

    def _until_next(self, cadence: Cadence, week: int) -> NDArray[np.int64]:
        end = np.inf if cadence.weeks is None else week + cadence.weeks
        return np.flatnonzero((self._week >= week) & (self._week < end))

    def _foretold(self, scorer: LeadScorer, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        if not len(rows):
            return np.empty(0)
        values = self._history.vectors(scorer.spec, self.tested.lead[rows], self.tested.as_of[rows]).values
        return scorer.calibration.at(scorer.margins_alone(values))[0]


def _start(census: Moments, since: int | None, horizon: int) -> int:
    """Return the first moment of retraining, a Monday.

    By default the middle of the census, but not before a horizon and four weeks of it have passed: what is
    learned from must be a horizon old.
    """
    if not len(census):
        raise RefusedError("No lead was open for a whole horizon: there is nothing to foretell.")
    first, last = int(census.as_of.min()), int(census.as_of.max())
    wanted = max(first + (last - first) // 2, first + horizon + PERIOD) if since is None else since
    monday = -((_A_MONDAY - wanted) // WEEK) * WEEK + _A_MONDAY
    if first < monday <= last:
        return monday
    expected = f"a Monday after {_date(first)} and not after {_date(last)}, the last that has matured"
    remedy = "Choose another --from, or bring a longer history."
    raise InputError(Fault("the first retraining", expected, _date(monday), remedy))


def _chosen(census: Moments, start: int, periods: int | None) -> NDArray[np.bool_]:
    """Return which rows of the census are foretold. Raises RefusedError where they hold one label only."""
    end = np.inf if periods is None else start + periods * PERIOD
    chosen = (census.as_of >= start) & (census.as_of < end)
    if not 0 < census.label[chosen].sum() < chosen.sum():
        raise RefusedError(
            f"From {_date(start)} on {chosen.sum():,} rows can be foretold, and they lack one of the labels. "
            "Begin earlier (--from), or bring a longer history."
        )
    return np.asarray(chosen)


def _notes(history: History) -> tuple[str, ...]:
    undated = history.undated()
    if not undated:
        return ()
    names = ", ".join(undated)
    return (f"Columns without a history hold today's values at every moment, which can flatter: {names}.",)


def _date(moment: int) -> str:
    # Not of pandas: the Monday after the last day that --from can name is in the year 10000.
    return str(np.datetime64(moment, "us").astype("datetime64[D]"))
