"""What a twin may learn from, and on which rows it is then judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.durations import spelled
from features.snapshots import joined_moments
from training.fitting.enough import lacking, refuse_too_little
from training.fitting.folds import folds_of
from training.fitting.validation import times_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from training.fitting.recipe import Recipe

TEST_SHARE = 0.3
LEAST_KEPT = 0.25
"""An embargo is kept where it leaves the twin at least so much of the earlier examples."""

SEARCHED = 0.6
"""Where folds are all there is, a search sees the first three of five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one twin learns from (`learned`, and `census` to be calibrated on), and the rows it is judged on.

    `fold`: that of the tested rows; None where they are a later period.
    """

    learned: Moments
    census: Moments
    tested: Moments
    fold: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The parts, one a twin, and in words `how` they were made.

    `searched`: examples and census that a search may see: no tested row is of a lead and moment in it.
    `is_tested`, bool (rows of the census,): which are tested on, where that is a later period. `first`,
    `last`: the moments of the first and last tested row; `learned_until`: before it all that the twin learned
    from was decided. int64 microseconds, None for data without time. `is_embargoed`: whether that is not
    after `first`; None where the test is not on a later period.
    """

    how: str
    parts: tuple[Part, ...]
    searched: tuple[Moments, Moments]
    is_tested: NDArray[np.bool_] | None = None
    notes: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    learned_until: int | None = None
    is_embargoed: bool | None = None

    @property
    def is_later(self) -> bool:
        """Whether the test is on a later period."""
        return self.first is not None

    @property
    def tested(self) -> Moments:
        """All tested rows."""
        return joined_moments([part.tested for part in self.parts])


def split_for(
    past: Past, examples: Moments, census: Moments, recipe: Recipe, *, is_searched: bool = False
) -> Split:
    """Return a later period to test on where the data have time enough, else the folds in turn.

    `is_searched`: settings are going to be chosen, on what no tested row is in.
    """
    times = times_of(past, census)
    if times is None:
        note = "The data have no time, so the test is not on a later period; expect a little less in use."
        return by_fold(past, examples, census, recipe, is_searched=is_searched, notes=(note,))
    split = in_time(past, examples, census, times)
    missing = [lacking(past, moments) for part in split.parts for moments in (part.learned, part.census)]
    if not 0 < split.tested.label.sum() < len(split.tested):
        missing.append(f"The {len(split.tested)} rows to test on all have the same label.")
    reason = next((said for said in missing if said), None)
    if reason is None:
        return split
    note = f"A test on a later period was not possible ({reason}) Random splits flatter a model."
    return by_fold(past, examples, census, recipe, is_searched=is_searched, notes=(note,))


def in_time(past: Past, examples: Moments, census: Moments, times: NDArray[np.int64]) -> Split:
    """Test on the last 30 % of the census by time, with an embargo of one horizon where the data allow it.

    `times` int64 (n,) orders the census. In flat data a person may stand in rows on both sides; then those to
    test on are left out, and it is said. The embargo: the whole label window of all that the twin learns
    from ends before the first tested moment. It is given up, and said so, where it would leave too few leads
    to learn from, or less than a quarter of the earlier examples.
    """
    cut = int(np.sort(times)[int((1 - TEST_SHARE) * len(times))])
    horizon = past.mapping.training.horizon if past.mapping.is_dated else None
    notes: list[str] = []
    earlier, earlier_census = _before(past, examples, cut, 0), times < cut
    until, is_embargoed = cut, False
    if horizon is None:
        notes.append("The labels carry no dates, so no embargo between training and test can be kept.")
    else:
        embargoed, embargoed_census = _before(past, examples, cut, horizon), census.as_of + horizon <= cut
        kept = examples.where(embargoed), census.where(embargoed_census)
        missing = next((said for said in (lacking(past, rows) for rows in kept) if said), None)
        is_embargoed = missing is None and embargoed.sum() >= LEAST_KEPT * earlier.sum()
        if is_embargoed:
            earlier, earlier_census = embargoed, embargoed_census
        else:
            until = cut + horizon
            why = "." if missing is None else f" ({missing})"
            notes.append(
                f"No embargo: the horizon of {spelled(horizon)} is too long for this history: an embargo "
                f"would leave {embargoed.sum()} of {earlier.sum()} examples{why} Labels of late training "
                "examples were decided inside the test period, which can flatter the figures."
            )
    first, last = (str(pd.Timestamp(t, unit="us").date()) for t in (cut, int(times.max())))
    is_tested = times >= cut
    if not past.mapping.is_dated:
        is_known = is_tested & np.isin(past.owner[census.lead], past.owner[examples.lead[earlier]])
        is_tested &= ~is_known
        if is_known.any():
            notes.append(
                f"{is_known.sum():,} of the newest rows are of people of whom an earlier row was learned "
                "from; they are not tested on."
            )
    part = Part(
        learned=examples.where(earlier),
        census=census.where(earlier_census),
        tested=census.where(is_tested),
    )
    tested = f"tested on the last {TEST_SHARE:.0%} ({first} to {last})"
    return Split(
        how=f"twin trained on what came before {first}, {tested}",
        parts=(part,),
        searched=(part.learned, part.census),
        is_tested=is_tested,
        notes=tuple(notes),
        first=cut,
        last=int(times.max()),
        learned_until=until,
        is_embargoed=bool(is_embargoed),
    )


def by_fold(
    past: Past,
    examples: Moments,
    census: Moments,
    recipe: Recipe,
    *,
    is_searched: bool = False,
    notes: tuple[str, ...] = (),
) -> Split:
    """Test every row by the twin of its fold, which saw none of the fold's leads.

    With `is_searched` the first three of five folds are for the search, and the others alone are tested.
    """
    fold_of = folds_of(past, recipe)
    of_examples, of_census = fold_of[examples.lead], fold_of[census.lead]
    tested = range(round(SEARCHED * recipe.folds) if is_searched else 0, recipe.folds)
    parts = tuple(
        Part(
            learned=examples.where(of_examples != fold),
            census=census.where(of_census != fold),
            tested=census.where(of_census == fold),
            fold=fold,
        )
        for fold in tested
        if (of_census == fold).any()
    )
    how = f"{len(parts)} twins, each tested on the fold of leads that it did not see"
    if is_searched:
        share = f"{len(tested)} of {recipe.folds} folds"
        notes = (*notes, f"Settings were chosen on the other leads, so that only {share} could be tested.")
    return Split(
        how=how,
        parts=parts,
        searched=(
            examples.where(of_examples < tested.start) if is_searched else examples,
            census.where(of_census < tested.start) if is_searched else census,
        ),
        notes=notes,
    )


def refuse_small_parts(past: Past, split: Split) -> None:
    """Raise RefusedError where a twin would have too little to learn from.

    The data as a whole may have enough: a twin does without what it is tested on.
    """
    shown = [moments for part in split.parts for moments in (part.learned, part.census)]
    refuse_too_little(past, *shown, where="Without the leads of a fold, on which a twin is tested: ")


def _before(past: Past, examples: Moments, cut: int, horizon: int) -> NDArray[np.bool_]:
    times = times_of(past, examples)
    if times is None:
        raise TypeError("examples without time have no before")
    return np.asarray(times < cut if horizon == 0 else times + horizon <= cut)
