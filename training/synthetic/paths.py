"""The latent path of each lead: which state it was in, from when to when."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.synthetic.intent import STATES
from training.synthetic.recipe import DAY_US, History

_OFFICE_OPENS_US = DAY_US * 6 // 24
_OFFICE_OPEN_MS = 14 * 3_600_000


@dataclass(frozen=True, slots=True)
class Moves:
    """Every move of every lead in the order of days, columns of shape (moves,)."""

    lead: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    """Days since the start: the lead is in `target` at the midnight that ends this day."""
    source: npt.NDArray[np.int8]
    target: npt.NDArray[np.int8]
    time_us: npt.NDArray[np.int64]
    """When in that day, between 6 and 20 hours UTC."""


@dataclass(frozen=True, slots=True)
class Stints:
    """The time that a lead spends in one state, ordered by lead and time, columns of shape (stints,)."""

    lead: npt.NDArray[np.int64]
    state: npt.NDArray[np.int8]
    since_us: npt.NDArray[np.int64]
    until_us: npt.NDArray[np.int64]
    """Exclusive; the end of the history for the last stint of a lead."""

    def of_leads(self, first: int, end: int) -> "Stints":
        """Return the stints of the leads from `first` up to, not including, `end`."""
        rows = slice(*np.searchsorted(self.lead, [first, end]))
        return Stints(self.lead[rows], self.state[rows], self.since_us[rows], self.until_us[rows])

    def state_at(self, lead: npt.NDArray[np.int64], time_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
        """Return the state of leads (n,) at times (n,), none of which is before a lead's creation."""
        # Whole milliseconds: a history of ten years has less than 2^39 of them.
        start = self.since_us.min()
        began = self.lead << 39 | (self.since_us - start) // 1000
        asked = lead << 39 | (time_us - start) // 1000
        return np.asarray(self.state[np.searchsorted(began, asked, side="right") - 1])


def walk(
    step: npt.NDArray[np.float64],
    fit_class: npt.NDArray[np.int64],
    first_state: npt.NDArray[np.int8],
    created_us: npt.NDArray[np.int64],
    history: History,
) -> Moves:
    """Walk every lead through the days of the history.

    `step` is (days or more, classes, states, states) from `intent.transitions`; the others have shape
    (leads,), with `created_us` ascending. The first move is possible on the day after creation.
    """
    rng = history.rng("walk")
    stay, onward = _stay_and_onward(step)
    cell = fit_class * STATES + first_state
    walking = np.searchsorted(created_us, history.start_us + np.arange(history.days) * DAY_US)
    leads, sources, targets = [], [], []
    for day, count in enumerate(walking):
        lead = np.flatnonzero(rng.random(count) >= stay[day][cell[:count]])
        row = cell[lead]
        target = (rng.random(len(lead))[:, np.newaxis] >= onward[day][row]).sum(axis=1)
        cell[lead] += target - row % STATES
        leads.append(lead)
        sources.append((row % STATES).astype(np.int8))
        targets.append(target.astype(np.int8))
    day_of_move = np.repeat(np.arange(history.days), [len(lead) for lead in leads])
    in_day = rng.integers(_OFFICE_OPEN_MS, size=len(day_of_move)) * 1000 + _OFFICE_OPENS_US
    time = history.start_us + day_of_move * DAY_US + in_day
    return Moves(np.concatenate(leads), day_of_move, np.concatenate(sources), np.concatenate(targets), time)


def _stay_and_onward(
    step: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the chance to stay, (days, cells), and the cumulative chances of the targets of a move.

    A cell is a class and a state; the second has shape (days, cells, states), and its last column is exactly
    1 wherever a move is possible.
    """
    days, classes, states, _ = step.shape
    state = np.arange(states)
    stay = step[:, :, state, state].reshape(days, classes * states)
    onward = step.copy()
    onward[:, :, state, state] = 0.0
    np.cumsum(onward, axis=3, out=onward)
    total = onward[..., -1:].copy()
    np.divide(onward, total, out=onward, where=total > 0)
    return stay, onward.reshape(days, classes * states, states)


def stints(
    moves: Moves, first_state: npt.NDArray[np.int8], created_us: npt.NDArray[np.int64], history: History
) -> Stints:
    """Return what the moves leave between them, from each lead's creation to the end of the history."""
    newcomers = np.arange(len(created_us))
    lead = np.concatenate([newcomers, moves.lead])
    order = np.argsort(lead, kind="stable")
    lead = lead[order]
    state = np.concatenate([first_state, moves.target])[order]
    since = np.concatenate([created_us, moves.time_us])[order]
    until = np.full_like(since, history.extract_us)
    same = lead[1:] == lead[:-1]
    until[:-1][same] = since[1:][same]
    return Stints(lead, state, since, until)
