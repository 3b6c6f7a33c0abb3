"""A feature: one number of the vector, and what it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["fit", "engagement", "context"]
Measure = Literal[
    "number", "boolean", "category", "contains", "age",
    "count", "decayed", "active_days", "days_since", "days_since_first", "days_since_previous",
    "value_sum", "value_max", "pace", "channel", "step", "days_in_step",
    "answered_share", "days_to_answer", "unanswered",
]  # fmt: skip

ACTIVITY = "activity"
"""Stands for every act of the lead, whatever its type."""

TOUCHES = "touches"
"""Stands for every touch by us."""

RESPONSE = "response"
"""Stands for what the lead did after our touches."""

STEP = "buyer.step"
"""Stands for the furthest of the buyer's steps that the lead's own acts have reached."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of the vector.

    `about` is what the feature speaks of: features about the same thing are one reason. `part` is the
    part of a column (the seniority of a title, one value of a multi-valued column). `window` is in days,
    None for all time; of a decayed count it is the half-life. `vocabulary` names the codes of a category;
    the code after the last is 'other'.
    """

    name: str
    measure: Measure
    family: Family
    about: str
    part: str | None = None
    window: int | None = None
    vocabulary: tuple[str, ...] = ()

    @property
    def is_category(self) -> bool:
        """Whether the value is a code without order."""
        return self.measure in {"category", "channel"}

    @property
    def is_of_column(self) -> bool:
        """Whether it is read from a column of the leads (which may bear the name of a type of event)."""
        return self.measure in {"number", "boolean", "category", "contains"}
