"""The phrasebook: how things are called, what a lead did, and what is known of it, in one language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.vocabulary import deed
from features.words.clauses import has_happened
from features.words.columns import said
from features.words.events import name_of, times_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.feature import Feature


def is_known(values: Sequence[float]) -> bool:
    """Return whether anything is known of a group: one value that is not missing."""
    return any(not math.isnan(value) for value in values)


class Phrasebook:
    """Says what features tell of a lead. It claims nothing beyond their values."""

    def say(
        self, features: Sequence[Feature], values: Sequence[float], usual: Sequence[float] | None = None
    ) -> str:
        """Say what is known, for features that are about one thing and their values (at least one known).

        `usual` are the values that are usual in the population, NaN where none is. It praises or blames
        nothing: whether the values raised or lowered the score stands beside it.
        """
        del usual
        return said(features, values)

    def name(self, features: Sequence[Feature]) -> str:
        """Return what features about one thing are called, without any lead's values: 'Company size'."""
        return name_of(features[0].about)

    def did(self, key: str, times: int = 1) -> str:
        """Return what was done, as said after the doer: 'asked for a demo', 'opened an e-mail twice'.

        `key` is a type of event, or a type with its detail ('page_view.pricing').
        """
        said_once = deed(key) or name_of(key)
        return said_once if times == 1 else f"{said_once} {times_of(times)}"

    def has(self, key: str, *, by_us: bool = False) -> str:
        """Return that something has happened, as a clause: 'the lead has asked for a demo'.

        `key` is as in `did`; `by_us`: a touch, 'we have called the lead'.
        """
        return has_happened(key, by_us)


ENGLISH = Phrasebook()
"""The words that come with LeadLens."""
