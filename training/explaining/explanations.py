"""What is kept with a version about all its scores: what moves them, how, and how surely in that order.

Nothing here is of one person: each figure is a mean over at least LEAST_LEADS leads, and bounds are rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.feature import Family  # noqa: TC001  # pydantic reads the annotations
from training.measures import Figure  # noqa: TC001  # pydantic reads the annotations

LEAST_LEADS = 20
"""What fewer leads share could point to a person, and says little of any other."""

Over = Literal["folds", "quarters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How much one reason moves scores.

    `is_of_column` and `about`: what it is known by in the model's spec, as `Group.key`. `size`: the mean of
    the absolute log-odds that it moves a margin by. `by`: its feature that moves margins most. `trend` (-1 to
    1): the rank correlation (Spearman) of that feature's known values with the reason's log-odds; None where
    the values have no order or are all alike. `in_folds` and `in_quarters`: its rank (1 is the strongest) in
    each part, as `Explanations.stability` names them.
    """

    is_of_column: bool
    about: str
    family: Family
    size: Figure
    by: str
    trend: float | None
    in_folds: tuple[int, ...] = ()
    in_quarters: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[bool, str]:
        """What it is known by in every spec."""
        return self.is_of_column, self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Rows with values alike, and the mean log-odds that the feature moved their margins by.

    `codes`: of a category, the codes in it. Of a number: from `low` on and below `high`, None where nothing
    bounds it; where both are the same number, all of them have that value.
    """

    rows: int
    leads: int
    mean: Figure
    codes: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """What one feature does to margins, by its value: `bins` in order, categories by how common they are.

    `size`: the mean of its absolute log-odds. `missing`: the rows where it is not known, None where they are
    of too few leads to tell. `left_out`: rows that are in no bin for that reason.
    """

    feature: str
    size: float
    bins: tuple[Bin, ...]
    missing: Bin | None
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Whether parts of the census put the reasons in the same order.

    `parts`: their names; `rows` of each. `agreement` and `least`: the mean and the least rank correlation
    (Spearman) of their sizes over all pairs of parts.
    """

    over: Over
    parts: tuple[str, ...]
    rows: tuple[int, ...]
    agreement: float
    least: float

    @property
    def said(self) -> str:
        """Which parts these are: '5 folds', '2025 Q1 to 2026 Q1'."""
        return f"{len(self.parts)} folds" if self.over == "folds" else f"{self.parts[0]} to {self.parts[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """What moves the scores of a model, out of fold: the strongest reason first.

    `rows` of so many `leads` of the census were taken apart. `dependence`: of the strongest reasons'
    features, by reason and then by size. `stability`: over folds, and over quarters where there is time
    enough.
    """

    rows: int
    leads: int
    moved: tuple[Moved, ...]
    dependence: tuple[Dependence, ...]
    stability: tuple[Stability, ...]

    def over(self, what: Over) -> Stability | None:
        """Return the stability over one kind of parts, None where it was not looked at."""
        return next((one for one in self.stability if one.over == what), None)
