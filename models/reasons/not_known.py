"""What is not known and lowers the score, named in the last reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.reasons.rest import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.words import Phrasebook
    from models.reasons.groups import Group

NAMED = 3
"""So many things at most are named."""

LEAST = -0.05
"""A group that lowers the margin by less, in log-odds, is small whether it is known or not."""


NO_GROUP = -1
"""Stands for a group where fewer are named."""


class NotKnown:
    """Says the last reason of a lead. What raises the score by being unknown is not named: it is no merit.

    `names` are what the groups are called, None for those that are never named: what a lead did is always
    known.
    """

    def __init__(self, groups: Sequence[Group], words: Phrasebook) -> None:
        self._words = words
        self._positions = [group.positions for group in groups]
        self._texts: dict[tuple[int, ...], str] = {}
        self.names = [words.name(group.features) if group.is_of_column else None for group in groups]

    def of(self, values: NDArray[np.float64], contributions: NDArray[np.float64]) -> list[int]:
        """Return the groups that the last reason names, of a lead's values and contributions (features,).

        They are of columns of which nothing is known and that lower the margin, the largest first; of groups
        with one name it is one.
        """
        found = []
        for at, (positions, name) in enumerate(zip(self._positions, self.names, strict=True)):
            if name is not None and np.isnan(values[list(positions)]).all():
                amount = in_order([float(contributions[i]) for i in positions])
                if amount <= LEAST:
                    found.append((amount, name, at))
        named = {name: at for _, name, at in sorted(found, reverse=True)}
        return [at for _, name, at in sorted(found) if named[name] == at][:NAMED]

    def said(self, groups: Sequence[int]) -> str:
        """Return the text of the last reason that names groups, in their order."""
        key = tuple(groups)
        text = self._texts.get(key)
        if text is None:
            names = [str(self.names[at]) for at in key if at != NO_GROUP]
            rest = self._words.text("reasons.rest")
            text = self._words.text("reasons.rest_not_known", names=", ".join(names)) if names else rest
            self._texts[key] = text
        return text
