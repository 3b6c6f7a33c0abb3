"""A generated history with a known truth.

Each lead has a *fit*, the log-odds of what it is, and an *intent*, which rises and falls: a Markov chain by
day with the states cold, considering, evaluating, deciding, and the ends lost (from which some return),
disqualified and won. Fit, season, quarter ends and the attention of sales move its probabilities; all are
known, so the true probability of a win within a horizon is computed, not estimated. What is recorded is less
than the truth: events that intent makes likelier, fit with gaps, outcomes with delay, rows twice.

What causes what: fit and intent cause wins, acts and the score by which sales chooses. Being chosen causes
touches, a 35 % higher hazard of winning and a 16 % higher one of rising intent (`touches`). No single act or
touch causes anything.
"""

from training.synthetic.engine import Generated, generate
from training.synthetic.recipe import History
from training.synthetic.write import Written

__all__ = ["Generated", "History", "Written", "generate"]
