"""Moments to learn from and moments to be judged at: snapshots, labels, the census."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from features.durations import DAY_US
from features.history import History, microseconds_of
from features.standing import TimeLog, time_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.tables import Tables

AGES = tuple(days * DAY_US for days in (0, 7, 30, 90, 180))
"""The ages at which a lead is learned from where the mapping names none: creation, and a few later ages."""

WEEK = 7 * DAY_US
_MONDAY = 4 * DAY_US
"""Midnight of the first Monday after the beginning of 1970, which was a Thursday."""

CENSUS_SIZE = 300_000
"""The largest number of candidates of a census; beyond it, so many of them are taken at random."""

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Moments:
    """n examples: a lead at a moment, and what followed.

    `lead` int64 (position in the history), `as_of` int64 (microseconds UTC), `label` float64 (0 or 1).
    """

    lead: NDArray[np.int64]
    as_of: NDArray[np.int64]
    label: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.lead)

    @property
    def weight(self) -> NDArray[np.float64]:
        """One over the number of the lead's examples here, so that a lead counts once. For boosting alone."""
        counts = np.bincount(self.lead)
        return np.asarray(1.0 / counts[self.lead])

    def shifted(self, by: int) -> Moments:
        """Return the same moments of leads whose positions count on from `by`."""
        return Moments(self.lead + by, self.as_of, self.label)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Moments:
        """Return the chosen examples, in order: a flag for each, or their positions."""
        return Moments(self.lead[chosen], self.as_of[chosen], self.label[chosen])


def joined_moments(parts: Sequence[Moments]) -> Moments:
    """Return the examples of all parts, in order."""
    return Moments(
        np.concatenate([part.lead for part in parts]),
        np.concatenate([part.as_of for part in parts]),
        np.concatenate([part.label for part in parts]),
    )


class Lives:
    """When each lead was open, and whether it won: what snapshots and labels are cut from.

    By the outcomes that had happened and were known at `extract_at`: one that came later changes nothing.
    """

    def __init__(self, tables: Tables, history: History) -> None:
        self._history = history
        owners = int(history.owner.max(initial=-1)) + 1
        self._first_won = np.full(owners, NEVER)
        lost_at = lost_known = owner = np.zeros(0, np.int64)
        if tables.outcomes is not None:
            of = history.owners_of(tables.outcomes["lead_id"])
            at, known = (microseconds_of(tables.outcomes[name]) for name in ("occurred_at", "known_at"))
            counts = (of >= 0) & (np.maximum(at, known) <= history.extract_at)
            rows = tables.outcomes[counts]
            of, at, known = of[counts], at[counts], known[counts]
            won = rows["outcome"].to_numpy() == "won"
            np.minimum.at(self._first_won, of[won], at[won])
            owner, lost_at, lost_known = of[~won], at[~won], known[~won]
        self._losses: TimeLog = time_log(owners, owner, lost_at)
        self._lost_known = lost_known[self._losses.order]

    def labelled(self, lead: NDArray[np.int64], as_of: NDArray[np.int64], horizon: int) -> Moments:
        """Return those (lead, moment) at which the lead was open and the horizon had elapsed, with labels.

        Label 1: a first win in (as_of, as_of + horizon].
        """
        elapsed = as_of + horizon <= self._history.extract_at
        lead, as_of = lead[elapsed], as_of[elapsed]
        open_then = self.is_open(lead, as_of)
        lead, as_of = lead[open_then], as_of[open_then]
        won = self._first_won[self._history.owner[lead]]
        return Moments(lead, as_of, (won - as_of <= horizon).astype(np.float64))

    def is_open(self, lead: NDArray[np.int64], as_of: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether leads were created and neither won, lost nor disqualified at moments.

        A loss stands from when it was known until a later act of the lead; a win stands for ever.
        """
        log = self._history.events
        owner = self._history.owner[lead]
        closed = _is_lost(
            owner,
            as_of,
            self._losses.offsets,
            self._losses.at,
            self._lost_known,
            log.offsets,
            log.occurred_at,
            log.known_at,
            log.is_touch,
        )
        here = self._history.created_at[lead] <= as_of
        return np.asarray(here & (self._first_won[owner] > as_of) & ~closed)

    def last_of_interest(self, lead: NDArray[np.int64], horizon: int) -> NDArray[np.int64]:
        """Return the last moment at which a lead can be open with its horizon elapsed."""
        won = self._first_won[self._history.owner[lead]]
        return np.asarray(np.minimum(self._history.extract_at - horizon, won - 1))


def snapshots(history: History, lives: Lives, mapping: Mapping) -> Moments:
    """Return the moments to learn from: the mapping's ages or steps, or creation and a few later ages."""
    training = mapping.training
    horizon = _horizon(mapping)
    every = np.arange(len(history), dtype=np.int64)
    if training.snapshot_every:
        steps = (lives.last_of_interest(every, horizon) - history.created_at) // training.snapshot_every + 1
        lead, step = _steps(every, np.maximum(steps, 0))
        as_of = history.created_at[lead] + step * training.snapshot_every
    else:
        ages = np.asarray(training.snapshot_at or AGES, np.int64)
        lead = np.repeat(every, len(ages))
        as_of = history.created_at[lead] + np.tile(ages, len(every))
    return lives.labelled(lead, as_of, horizon)


def census(
    history: History, lives: Lives, mapping: Mapping, *, seed: int = 0, size: int = CENSUS_SIZE
) -> Moments:
    """Return the population that is scored: all leads open at each Monday 00:00 UTC, unweighted.

    With `census = "snapshots"` it is the snapshots at the stated ages. Of more than `size` candidates (a lead
    at a Monday) so many are taken at random, not whole leads: the weeks of one lead say nearly the same, so
    that as many rows of more leads say more.
    """
    if mapping.training.census == "snapshots":
        return snapshots(history, lives, mapping)
    horizon = _horizon(mapping)
    first, weeks = _mondays(history, lives, horizon)
    lead, step = _some_steps(weeks, size, np.random.default_rng(seed))
    return lives.labelled(lead, _MONDAY + (first[lead] + step) * WEEK, horizon)


def candidates(
    history: History, lives: Lives, mapping: Mapping, *, size: int = CENSUS_SIZE
) -> tuple[int, int]:
    """Return how many candidates `census` takes, given the same, and how many there are."""
    if mapping.training.census == "snapshots":
        return 1, 1
    _, weeks = _mondays(history, lives, _horizon(mapping))
    there = int(weeks.sum())
    return min(size, there), there


def _mondays(history: History, lives: Lives, horizon: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each lead's first Monday, as a number of weeks, and on how many it may be a candidate."""
    every = np.arange(len(history), dtype=np.int64)
    first = -((_MONDAY - history.created_at) // WEEK)
    weeks = (lives.last_of_interest(every, horizon) - _MONDAY) // WEEK - first + 1
    return np.asarray(first), np.maximum(weeks, 0)


def flat_examples(tables: Tables, history: History) -> Moments:
    """Return the rows of flat data: one example a lead, without time."""
    if tables.label is None:
        raise TypeError("flat examples need a label")
    lead = np.arange(len(history), dtype=np.int64)
    as_of = np.full(len(history), history.extract_at)
    return Moments(lead, as_of, np.asarray(tables.label, np.float64))


def _steps(lead: NDArray[np.int64], count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each lead `count` times, with the steps 0 to count - 1 beside it."""
    repeated = np.repeat(lead, count)
    return repeated, np.arange(len(repeated)) - np.repeat(np.cumsum(count) - count, count)


def _some_steps(
    count: NDArray[np.int64], size: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return of all steps that `_steps` would return of `count` at most `size`, at random and in order."""
    before = np.cumsum(count)
    total = int(before[-1]) if len(before) else 0
    if total <= size:
        return _steps(np.arange(len(count), dtype=np.int64), count)
    chosen = np.sort(rng.choice(total, size, replace=False, shuffle=False))
    lead = np.searchsorted(before, chosen, side="right")
    return lead, chosen - (before - count)[lead]


def _horizon(mapping: Mapping) -> int:
    if mapping.training.horizon is None:
        raise TypeError("dated examples need a horizon; the mapping refuses to go without")
    return mapping.training.horizon


@numba.njit(cache=True, nogil=True)
def _is_lost(  # noqa: PLR0913, PLR0917  # a kernel: plain loops over plain arrays
    owner: Any,
    as_of: Any,
    loss_offsets: Any,
    lost_at: Any,
    lost_known: Any,
    event_offsets: Any,
    occurred_at: Any,
    known_at: Any,
    is_touch: Any,
) -> Any:
    lost = np.zeros(len(owner), np.bool_)
    for row in range(len(owner)):
        now = as_of[row]
        for loss in range(loss_offsets[owner[row] + 1] - 1, loss_offsets[owner[row]] - 1, -1):
            if lost_at[loss] <= now and lost_known[loss] <= now:
                lost[row] = True
                for event in range(event_offsets[owner[row] + 1] - 1, event_offsets[owner[row]] - 1, -1):
                    if occurred_at[event] <= lost_at[loss]:
                        break
                    if occurred_at[event] <= now and known_at[event] <= now and not is_touch[event]:
                        lost[row] = False
                        break
                break
    return lost
