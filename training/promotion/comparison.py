"""Challenger against champion: both foretell the same rows, which neither has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from features.errors import RefusedError
from training.measures import Figure, resampling
from training.measures.plain import losses
from training.promotion.stability import band_of, measured_stability, rows_by_band

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH = 20
"""So many leads of either label carry a comparison; with fewer an interval says nothing."""


class IncomparableError(RefusedError):
    """Two versions cannot be compared on these rows, for a reason that the message names."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a version says of rows: `probability` float64 (n,), `score` int64 (n,), 0-99."""

    probability: NDArray[np.float64]
    score: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """What became of rows: `label` float64 (n,) of 0 and 1, `owner` int64 (n,): whose row each is."""

    label: NDArray[np.float64]
    owner: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a challenger does beside the champion, on rows that neither has seen.

    `champion`: the number of its version. `how`: the registered versions on a period after both, or their
    twins. `said` is a sentence on what was compared. Log losses in nats a row; `difference` is the
    challenger's less the champion's, paired: below 0 the challenger is better. `bands`: rows by score band,
    of the champion and of the challenger; `stability`: the population stability index from the former to the
    latter. `moved`: the share of the rows (0-1) whose band is another.
    """

    champion: int
    how: Literal["later period", "twins"]
    said: str
    rows: int
    leads: int
    conversions: int
    champion_log_loss: float
    challenger_log_loss: float
    difference: Figure
    bands: tuple[tuple[int, ...], tuple[int, ...]]
    stability: Figure
    moved: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values that `comparison_from` reads back."""
        content: dict[str, Any] = _COMPARISON.dump_python(self, mode="json")
        return content


def compare(
    of_champion: Foretold,
    of_challenger: Foretold,
    rows: Labelled,
    *,
    champion: int,
    how: Literal["later period", "twins"],
    said: str,
) -> Comparison:
    """Compare what two versions say of the same rows; pure. A version beside itself differs by exactly 0.

    Raises IncomparableError where fewer than ENOUGH leads of either label are among the rows.
    """
    leads, conversions = _enough(rows)
    before = losses(rows.label, of_champion.probability)
    after = losses(rows.label, of_challenger.probability)
    draws = resampling(rows.owner)
    return Comparison(
        champion=champion,
        how=how,
        said=said,
        rows=len(rows.label),
        leads=leads,
        conversions=conversions,
        champion_log_loss=float(before.mean()),
        challenger_log_loss=float(after.mean()),
        difference=draws.mean(after - before),
        bands=(rows_by_band(of_champion.score), rows_by_band(of_challenger.score)),
        stability=measured_stability(of_champion.score, of_challenger.score, draws),
        moved=float((band_of(of_champion.score) != band_of(of_challenger.score)).mean()),
    )


def _enough(rows: Labelled) -> tuple[int, int]:
    """Return how many leads there are and convert. Raises IncomparableError where they are too few."""
    leads = len(np.unique(rows.owner))
    conversions = len(np.unique(rows.owner[rows.label == 1.0]))
    if min(conversions, leads - conversions) < ENOUGH:
        raise IncomparableError(
            f"Of {leads} leads that neither version has seen {conversions} convert; a comparison needs "
            f"{ENOUGH} that do and {ENOUGH} that do not."
        )
    return leads, conversions


_COMPARISON = TypeAdapter(Comparison)


def comparison_from(content: dict[str, Any]) -> Comparison:
    """Read a comparison back. Raises IncomparableError where it is of another version's form."""
    try:
        return _COMPARISON.validate_python(content)
    except ValidationError as problem:
        raise IncomparableError(
            "What is kept of a comparison with the champion of the time was written by another LeadLens and "
            "cannot be read."
        ) from problem
