"""The backtest: what each cadence of retraining would have given, rolling through time.

At each moment of retraining a model learns from what was known then, and foretells the leads that were open
from then on, until the next. One set of fits serves all cadences: the seldom ones use some of its moments.
"""

from training.backtest.cadence import Cadence, cadence_of
from training.backtest.found import Backtest
from training.backtest.roll import backtest

__all__ = ["Backtest", "Cadence", "backtest", "cadence_of"]
