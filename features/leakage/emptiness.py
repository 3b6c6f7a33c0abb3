"""(b) Whether a column is filled in for leads that convert rather than for others, or the other way round."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEADY = 5.0
"""How many standard errors the two rates of filling must lie apart: chance alone does so in one of 1.7
million columns."""

WEAK_GAP = 0.15
"""Keener leads fill in more of a form; gaps up to .3 occur in honest columns. Worth a word."""

STRONG_GAP = 0.5
"""Hardly a matter of keenness any more: somebody fills it in while working on the lead."""

PROOF_GAP = 0.85
"""Being filled in is nearly the outcome itself: its AUC is (1 + gap) / 2, thus .925 or more."""

EXCEPTIONS = 0.01
"""Filled in for one outcome only: of the leads that have a value at most this share ended otherwise …"""

TIMES_RARER = 10.0
"""… and that is this many times rarer than among all leads: where 1 % convert, most values show 99 % of the
one outcome and mean nothing by it."""

ONLY_SHARE = 0.03
"""… and of all leads of that outcome at least this share has a value: few enough that a value known for
some winners only (the size of a deal's catalogue) is found; a rare honest entry is never that pure."""

ONLY_LEADS = 20
"""… and at least this many leads do."""

CHANCE = 1e-6
"""… and chance would bring it about less often than this."""


def emptiness(
    filled: NDArray[np.bool_], labels: NDArray[np.float64], numbers: NDArray[np.float64] | None = None
) -> Evidence | None:
    """Compare the rates of filling of both outcomes, or return None where they are alike.

    `filled` bool (n,), labels float64 (n,) of 0 and 1. `numbers` float64 (n,), NaN where missing, of a column
    of numbers: a 0 may stand for an empty cell, so that other numbers for one outcome only say the same.
    """
    won = labels == 1.0
    of_won, of_lost = float(filled[won].mean()), float(filled[~won].mean())
    only = _only_one_outcome(filled, won, "filled in")
    if only is None and numbers is not None and (numbers == 0.0).any():
        only = _only_one_outcome(filled & (numbers != 0.0), won, "other than 0")
    if only is not None:
        return only
    share = float(filled.mean())
    error = math.sqrt(share * (1 - share) * (1 / won.sum() + 1 / (~won).sum()))
    gap = abs(of_won - of_lost)
    if error == 0.0 or gap / error < STEADY:
        return None
    strength = Strength.NONE
    for bound, level in (
        (WEAK_GAP, Strength.WEAK),
        (STRONG_GAP, Strength.STRONG),
        (PROOF_GAP, Strength.PROOF),
    ):
        if gap >= bound:
            strength = level
    said = (
        f"filled in for {of_won:.0%} of the leads that converted and {of_lost:.0%} of the others "
        f"({gap / error:.0f} standard errors apart)"
    )
    return Evidence(kind="emptiness", strength=strength, figure=gap, sentence=said)


def _only_one_outcome(filled: NDArray[np.bool_], won: NDArray[np.bool_], how: str) -> Evidence | None:
    """Say that a column is filled in for one outcome only, which no value known beforehand is.

    For winners alone it is proof. For losers alone it is strong: something can rule a lead out from the
    start (a country that is not served), which then is honest; a reason of loss also has its name.
    """
    rows = int(filled.sum())
    for outcome, said, proof in (
        (won, "converted", Strength.PROOF),
        (~won, "did not convert", Strength.STRONG),
    ):
        right = int((filled & outcome).sum())
        share = right / max(1, int(outcome.sum()))
        wrong, usual = 1 - right / max(1, rows), 1 - float(outcome.mean())
        seldom = wrong <= EXCEPTIONS and wrong * TIMES_RARER <= usual
        by_chance = rows * math.log(1 - usual)  # the logarithm of the chance to see no exception
        if seldom and right >= ONLY_LEADS and share >= ONLY_SHARE and by_chance <= math.log(CHANCE):
            sentence = (
                f"{how} for leads that {said} only: {right:,} of the {rows:,} such leads "
                f"{said} ({share:.0%} of all that did)"
            )
            return Evidence(kind="emptiness", strength=proof, figure=share, sentence=sentence)
    return None
