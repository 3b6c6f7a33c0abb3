"""Whether there is anything to learn at all: leads ranked by models that never saw them, lead by lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from features.durations import DAY_US
from features.errors import RefusedError
from features.snapshots import WEEK
from models.boosting import Boosting, fit_booster, margins_of
from training.evidence.evidence import Signal
from training.evidence.some_leads import some_leads
from training.fitting.fit import learned_spec
from training.fitting.folds import parts_of
from training.fitting.validation import times_of
from training.measures.figure import Figure
from training.measures.resampling import resampling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from training.fitting.recipe import Recipe

LEVEL = 0.001
MOST_ROWS = 100_000
PARTS = 10
FIRST_TESTED = 3
"""Parts 0 to 2 are only learned from: with less than three tenths of the leads little is learned."""

LEAST_ROWS = 20
"""So many rows a stratum, in the mean, or the strata are of months: few rows have few pairs."""

_MONTH = 30 * DAY_US


class NoSignalError(RefusedError):
    """The data do not tell leads apart: whatever were learned from them would be noise."""

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        super().__init__(
            "The data show no signal: of two leads alike in time, the one that converts has the higher score "
            f"in {signal.auc.value:.1%} of the cases [{signal.auc.low:.1%}, {signal.auc.high:.1%}], and "
            f"guessing makes 50 % (p = {signal.p_value:.2g}; a signal would show less than {LEVEL})."
        )


def find_signal(past: Past, examples: Moments, census: Moments, recipe: Recipe) -> Signal:
    """Return the signal of out-of-fold margins. Raises NoSignalError where it is not there.

    The leads are parted in ten by a hash of their ids. Each part from the fourth on is judged by boosting
    with the defaults (of `recipe` only families and seed count), learned from the parts before it. No part
    is judged by what learned from a later one: so the sum over the parts is a sum of martingale differences,
    and its variance is the sum of theirs. In ordinary cross-validation two parts judge one another, each by
    what it taught the other; under no signal their sum has up to twice the variance, and one test in a
    hundred would find what is not there at a level of one in a thousand.
    """
    part_of = parts_of(past.owner_hash, PARTS, "signal")
    kept = some_leads(past, census, MOST_ROWS, "rows of the signal")
    examples, census = examples.where(kept[examples.lead]), census.where(kept[census.lead])
    spec = learned_spec(past, examples, recipe)
    learned = past.vectors(spec, examples.lead, examples.as_of).values
    judged = past.vectors(spec, census.lead, census.as_of).values
    margins = np.full(len(census), np.nan)
    for part in range(FIRST_TESTED, PARTS):
        before, own = part_of[examples.lead] < part, part_of[census.lead] == part
        of_past = examples.where(before)
        if not own.any() or len(np.unique(of_past.label)) < 2:
            continue
        boosting = Boosting(seed=recipe.seed)
        booster = fit_booster(learned[before], of_past.label, of_past.weight, spec.features, boosting)
        margins[own] = margins_of(booster, judged[own])
    told = ~np.isnan(margins)
    rows = census.where(told)
    signal = signal_of(
        margins[told], rows.label, past.owner[rows.lead], _strata(past, rows, part_of[rows.lead])
    )
    if not signal.is_there:
        raise NoSignalError(signal)
    return signal


def signal_of(
    margins: NDArray[np.float64],
    labels: NDArray[np.float64],
    owner: NDArray[np.int64],
    stratum: NDArray[np.int64],
) -> Signal:
    """Return whether higher margins go with label 1 within the strata.

    The stratified Mann-Whitney statistic with van Elteren's (1960) weights, 1 / (n + 1) for a stratum of n
    rows. Its variance is that of the influence of each lead, the sum of those of its rows (as Obuchowski 1997
    does for one stratum), each by n / (n - 1) for the mean that its stratum gives away. Strata of one label
    say nothing. `auc` is the share of the concordant among the pairs, so weighted.
    """
    influence, doubt, pairs, kept = _influences(margins, labels, stratum)
    if not kept.any():
        return Signal(auc=Figure(0.5, 0.0, 1.0), z=0.0, p_value=1.0, is_there=False)
    _, lead = np.unique(owner[kept], return_inverse=True)
    of_lead = np.bincount(lead, weights=doubt[kept])
    spread = float(np.sqrt((of_lead**2).sum()))
    z = float(influence[kept].sum()) / spread if spread > 0 else 0.0
    p_value = float(norm.sf(z))
    above = resampling(owner[kept]).ratios(influence[kept, None], pairs[kept, None])[0]
    auc = Figure(0.5 + above.value, max(0.0, 0.5 + above.low), min(1.0, 0.5 + above.high))
    return Signal(auc=auc, z=z, p_value=p_value, is_there=p_value < LEVEL)


def _influences(
    margins: NDArray[np.float64], labels: NDArray[np.float64], stratum: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return what each row adds to the statistic, to its doubt, and to the weighted number of pairs.

    Within a stratum the centred mid-ranks times the centred labels add up to the Mann-Whitney statistic less
    its expectation. The last: whether the row's stratum has both labels.
    """
    _, s = np.unique(stratum, return_inverse=True)
    size = np.bincount(s).astype(np.float64)
    ones = np.bincount(s, weights=labels)
    order = np.lexsort((margins, s))
    rank = np.empty(len(s))
    rank[order] = _mid_ranks(s[order], margins[order])
    centred = (rank - (size[s] + 1) / 2) * (labels - ones[s] / size[s]) / (size[s] + 1)
    kept = (ones[s] > 0) & (ones[s] < size[s])
    doubt = centred * np.sqrt(size[s] / np.maximum(size[s] - 1, 1))
    pairs = labels * (size[s] - ones[s]) / (size[s] + 1)
    return centred, doubt, pairs, kept


def _mid_ranks(s: NDArray[np.int64], margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1 within the strata, of rows sorted by stratum and margin; ties share the middle."""
    starts = np.r_[True, s[1:] != s[:-1]]
    position = np.arange(len(s)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    tied = np.cumsum(starts | np.r_[True, margins[1:] != margins[:-1]]) - 1
    middle = np.bincount(tied, weights=position) / np.bincount(tied)
    return np.asarray(middle[tied] + 1.0)


def _strata(past: Past, rows: Moments, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return part and calendar as one number.

    The calendar is the date of a weekly census; where a census is of snapshots, no two of which need be of
    one moment, their week, or their month where the weeks hold too few rows; and for flat data the month of
    creation.
    """
    times = times_of(past, rows)
    if times is None:
        return part
    if not past.mapping.is_dated:
        return _crossed(times // _MONTH, part)
    if past.mapping.training.census == "weekly":
        return _crossed(times, part)
    weeks = _crossed(times // WEEK, part)
    return weeks if len(rows) >= LEAST_ROWS * len(np.unique(weeks)) else _crossed(times // _MONTH, part)


def _crossed(when: NDArray[np.int64], part: NDArray[np.int64]) -> NDArray[np.int64]:
    _, number = np.unique(when, return_inverse=True)
    return np.asarray(number * PARTS + part)
