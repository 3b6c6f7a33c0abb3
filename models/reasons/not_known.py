"""What is not known and lowers the score, named in the last reason."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from features.words import Phrasebook
    from models.reasons.groups import Group

NAMED = 3
"""So many things at most are named."""

LEAST = -0.05
"""A group that lowers the margin by less, in log-odds, is small whether it is known or not."""


class NotKnown:
    """Says the last reason of a lead. What raises the score by being unknown is not named: it is no merit."""

    def __init__(self, groups: Sequence[Group], words: Phrasebook) -> None:
        self._words = words
        self._rest = words.text("reasons.rest")
        self._groups = [
            (group.positions[0], group.positions, words.name(group.features))
            for group in groups
            if group.is_of_column
        ]

    def said(self, values: Sequence[float], contributions: NDArray[np.float64]) -> str:
        """Return the text of the last reason, of a lead's values and contributions (features,).

        It names the columns of which nothing is known and that lower the margin, the largest first.
        """
        missing = [one for one in self._groups if math.isnan(values[one[0]])]
        found = []
        for _, positions, name in missing:
            if all(math.isnan(values[at]) for at in positions):
                amount = sum(float(contributions[at]) for at in positions)
                if amount <= LEAST:
                    found.append((amount, name))
        if not found:
            return self._rest
        names = list(dict.fromkeys(name for _, name in sorted(found)))[:NAMED]
        return self._words.text("reasons.rest_not_known", names=", ".join(names))
