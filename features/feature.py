"""A feature: one number of the vector, and what it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["fit", "engagement", "context"]
Measure = Literal[
    "number", "boolean", "category", "contains", "age",
    "count", "days_since", "active_days", "days_since_first", "days_since_previous",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of the vector.

    `about` is what the feature speaks of: features about the same thing are one reason. `part` is the
    part of a column (the seniority of a title, one value of a multi-valued column). `window` is in days,
    None for all time. `vocabulary` names the codes of a category; the code after the last is 'other'.
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
        return self.measure == "category"

    @property
    def is_of_column(self) -> bool:
        """Whether it is read from a column of the leads (which may bear the name of a type of event)."""
        return self.measure in {"number", "boolean", "category", "contains"}
