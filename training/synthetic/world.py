"""The whole generated world before anything of it is recorded."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from training.synthetic.drift import drift_by_day
from training.synthetic.intent import fit_class, transitions
from training.synthetic.outcomes import Outcomes, outcomes
from training.synthetic.paths import Moves, Stints, stints, walk
from training.synthetic.people import Companies, People, companies, people, size_band
from training.synthetic.recipe import DAY_US, History
from training.synthetic.season import Season

DUPLICATE_LEADS_SHARE = 0.01
"""Share of the rows of the leads table that repeat another lead under another id, to the nearest row."""
_LONGEST_UNTIL_DUPLICATE_US = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Leads entered twice: the row repeats fit and e-mail, and nothing else ever happens to it.

    All acts, touches and outcomes stay with the original, so the true probability of a duplicate is 0.
    Columns of shape (duplicates,).
    """

    original: npt.NDArray[np.int64]
    created_us: npt.NDArray[np.int64]
    """Up to 30 days after the original's creation."""


@dataclass(frozen=True, slots=True)
class World:
    """Who the leads are, what they went through and how it ended; leads are indices in order of creation."""

    history: History
    step: npt.NDArray[np.float64]
    """`intent.transitions` of every day of the history and of a horizon after it."""
    firms: Companies
    people: People
    fit_class: npt.NDArray[np.int64]
    moves: Moves
    stints: Stints
    outcomes: Outcomes
    duplicates: Duplicates

    @classmethod
    def of(cls, history: History) -> Self:
        """Draw the world of a recipe."""
        copies = round(history.leads * DUPLICATE_LEADS_SHARE)
        season = Season.of(history.start, history.days + history.horizon_days)
        step = transitions(season, drift_by_day(history) if history.drift else None)
        firms = companies(history)
        persons = people(firms, history.leads - copies, history)
        classes = fit_class(persons.fit)
        moves = walk(step, classes, persons.first_intent, persons.created_us, history)
        return cls(
            history=history,
            step=step,
            firms=firms,
            people=persons,
            fit_class=classes,
            moves=moves,
            stints=stints(moves, persons.first_intent, persons.created_us, history),
            outcomes=outcomes(moves, size_band(firms.employees[persons.company]), history),
            duplicates=_duplicates(persons.created_us, copies, history),
        )

    def lead_numbers(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the running numbers, from 1 in order of creation, of the leads and of the duplicates."""
        created = np.concatenate([self.people.created_us, self.duplicates.created_us])
        number = np.empty(len(created), dtype=np.int64)
        number[np.argsort(created, kind="stable")] = np.arange(1, len(created) + 1)
        return number[: len(self.people.created_us)], number[len(self.people.created_us) :]


def _duplicates(created_us: npt.NDArray[np.int64], count: int, history: History) -> Duplicates:
    rng = history.rng("duplicates")
    original = np.sort(rng.choice(len(created_us), size=count, replace=False))
    window = np.minimum(_LONGEST_UNTIL_DUPLICATE_US, history.extract_us - created_us[original])
    return Duplicates(
        original, created_us[original] + (rng.random(count) * window).astype(np.int64) // 1000 * 1000
    )
