"""A piece of evidence that a column was filled in after the fact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Kind = Literal["discrimination", "emptiness", "purity", "fresh", "changed", "name", "order", "joint", "gain"]
"""What speaks: one kind a file of this package (`gain` comes from a model, in training/auditing/audit.py)."""


class Strength(IntEnum):
    """How much a piece of evidence says. They can be compared: PROOF > STRONG > WEAK > NONE.

    What each means is stated, with its figure and its reason, in the file of the kind. PROOF suffices
    alone for the verdict `leak`; how the others add up stands in `verdict.py`.
    """

    NONE = 0
    WEAK = 1
    STRONG = 2
    PROOF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One finding about one column. `figure` is what was measured (NaN where nothing was)."""

    kind: Kind
    strength: Strength
    figure: float
    sentence: str
