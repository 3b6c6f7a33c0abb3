"""Outcomes: the ends of the latent path, with a value and with the delay until they are known."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.synthetic.intent import LOST, WON
from training.synthetic.paths import Moves
from training.synthetic.recipe import DAY_US, History

OUTCOMES: Final = ("lost", "disqualified", "won")
_MEAN_DELAY_DAYS: Final = 3.0
_LONGEST_DELAY_DAYS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Every outcome in the order of days, known by the end or not, columns of shape (outcomes,)."""

    move: npt.NDArray[np.int64]
    """Index of the move that it is."""
    lead: npt.NDArray[np.int64]
    code: npt.NDArray[np.int64]
    """Index into `OUTCOMES`."""
    occurred_us: npt.NDArray[np.int64]
    known_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    """Of a won lead, in whole units of money; else not a number."""

    @property
    def won(self) -> npt.NDArray[np.bool_]:
        """Which are wins."""
        return np.equal(self.code, WON - LOST)


def outcomes(moves: Moves, size_band: npt.NDArray[np.int64], history: History) -> Outcomes:
    """Return the outcomes that the moves hold.

    A delay is exponential (mean 3 days, at most 30); there is none in an observable history. A deal's value
    is log-normal around 1,000 times 3^band, where `size_band`, shape (leads,), is 0 to 4.
    """
    rng = history.rng("outcomes")
    move = np.flatnonzero((moves.target >= LOST) & (moves.target <= WON))
    lead, occurred = moves.lead[move], moves.time_us[move]
    code = moves.target[move].astype(np.int64) - LOST
    delay = np.minimum(rng.exponential(_MEAN_DELAY_DAYS, len(move)), _LONGEST_DELAY_DAYS)
    late = np.zeros(len(move), dtype=np.int64) if history.observable else (delay * DAY_US).astype(np.int64)
    value = np.rint(1000.0 * 3.0 ** size_band[lead] * rng.lognormal(0.0, 0.5, len(move)))
    value[code != WON - LOST] = np.nan
    return Outcomes(move, lead, code, occurred, occurred + late // 1000 * 1000, value)
