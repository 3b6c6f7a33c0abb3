"""How often to retrain, counted in weeks, as the census is."""

from __future__ import annotations

from dataclasses import dataclass

from features.durations import microseconds
from features.errors import Fault, InputError
from features.snapshots import WEEK

_NAMED = {"weekly": 1, "monthly": 4, "never": None, "none": None}


@dataclass(frozen=True, slots=True)
class Cadence:
    """`name` as it was asked for; `weeks` from one retraining to the next, None for never."""

    name: str
    weeks: int | None

    @property
    def said(self) -> str:
        """What it stands for, in words."""
        if self.weeks is None:
            return "trained once, at the beginning"
        return "retrained every week" if self.weeks == 1 else f"retrained every {self.weeks} weeks"

    def retrains_in(self, week: int) -> bool:
        """Return whether it retrains at the beginning of a week, counted from 0, when all are trained."""
        return week == 0 or (self.weeks is not None and week % self.weeks == 0)


def cadence_of(text: str) -> Cadence:
    """Read a cadence: weekly, monthly (every four weeks), never, or a length of time, in whole weeks.

    Raises InputError where it is none.

    >>> cadence_of("monthly").weeks, cadence_of("90 days").weeks, cadence_of("never").weeks
    (4, 13, None)
    """
    name = " ".join(text.split()).lower()
    if name in _NAMED:
        return Cadence(name, _NAMED[name])
    try:
        length = microseconds(name)
    except ValueError:
        length = 0
    if length <= 0:
        wanted = "weekly, monthly, never or a length of time such as '90 days'"
        raise InputError(Fault("--every", wanted, repr(text), "Part several by commas."))
    return Cadence(name, -(-length // WEEK))


def cadences_of(text: str) -> tuple[Cadence, ...]:
    """Read several, parted by commas. Raises InputError where one is none, or two are the same.

    >>> [cadence.name for cadence in cadences_of("weekly, never")]
    ['weekly', 'never']
    """
    found = tuple(cadence_of(part) for part in text.split(","))
    if len({cadence.weeks for cadence in found}) < len(found):
        raise InputError(Fault("--every", "cadences that differ", repr(text), "Leave one of the same out."))
    return found
