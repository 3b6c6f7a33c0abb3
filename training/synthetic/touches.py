"""What sales does, and why: touches follow an old score.

Every four weeks sales sorts its list by a noisy score of fit and of intent on that day, and works the best
until the next sorting, however intent moves meanwhile. So touches go with winning mostly because the score
chose leads that would win anyway; beyond that, being worked itself speeds rising intent by
`exp(ATTENTION_ON_INTENT)` and winning by `exp(ATTENTION_ON_WINNING)`. A single touch causes nothing:
attention does, and touches are its trace. E-mails of marketing go to everybody alike and have no effect.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

RESCORED_EVERY_DAYS: Final = 28
ATTENTION_ON_INTENT: Final = 0.15
ATTENTION_ON_WINNING: Final = 0.30

TOUCHES: Final = ("email_sent", "sales_email", "sales_call", "handed_to_sales", "handed_back")
"""Types of event that are ours, not the lead's; the last two only in an observable history."""

TOUCHES_PER_DAY: Final = {"email_sent": (0.011, 0.011), "sales_email": (0.0, 0.07), "sales_call": (0.0, 0.05)}
"""Rate of each touch for a lead that is not worked, and for one that is."""


def attention(fit_log_odds: npt.NDArray[np.float64], intent: int) -> npt.NDArray[np.float64]:
    """Return the chance to be worked after a sorting: that 0.6 fit + 0.9 intent + logistic noise exceeds 3.

    `intent` is 0 (cold) to 3 (deciding). The result has the shape of `fit_log_odds`.
    """
    return np.asarray(1.0 / (1.0 + np.exp(3.0 - 0.6 * fit_log_odds - 0.9 * intent)))
