"""Drift: what makes leads win moves, gradually, from the middle of the history on.

The chances of each class of fit are blended with those of the class opposite to it (the best with the worst,
and so on), so that what used to speak for a lead comes to speak against it. How many leads there are of each
kind, what they do in each intent, and whom sales works stay as they were; so does, roughly, how many win.
Each day's chances are a chain's as before: the true probability stays exact.
"""

import numpy as np
import numpy.typing as npt

from training.synthetic.recipe import History


def drift_by_day(history: History) -> npt.NDArray[np.float64]:
    """Return the share (0-1) by which each day has drifted, shape (days + horizon_days,).

    None up to the middle of the history, then evenly more up to the recipe's share at three quarters of it,
    which lasts.
    """
    day = np.arange(history.days + history.horizon_days, dtype=np.float64)
    return history.drift * np.clip(4.0 * day / history.days - 2.0, 0.0, 1.0)


def drifted(step: npt.NDArray[np.float64], share_by_day: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return chances of shape (days, classes, states, states), each class blended with its opposite."""
    share = share_by_day[:, np.newaxis, np.newaxis, np.newaxis]
    return np.asarray((1.0 - share) * step + share * step[:, ::-1])
