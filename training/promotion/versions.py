"""Two versions and a company's past: the rows that neither has seen, and what both say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.told_times import day_of
from training.evidence.foretold import foretold_by
from training.fitting.folds import folds_of
from training.fitting.validation import times_of
from training.promotion.comparison import Foretold, IncomparableError, Labelled, compare
from training.promotion.differences import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.past import Past
    from features.snapshots import Moments
    from models.scorer import LeadScorer
    from training.evidence.twin import Twin
    from training.fitting.recipe import Recipe
    from training.promotion.comparison import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version, as far as a comparison needs it. `number`: None before it is registered.

    `learned_until`: the moment (microseconds UTC) by which all that it learned from was decided, None for
    data without time.
    """

    number: int | None
    scorer: LeadScorer
    learned_until: int | None
    twins: tuple[Twin, ...] = ()

    @property
    def named(self) -> str:
        """What it is called in a sentence."""
        return "the new version" if self.number is None else f"version {self.number}"


def refuse_what_differs(one: Mapping, other: Mapping, said: str) -> None:
    """Raise IncomparableError where horizon, label or mapping differ, naming what; `said`: what of."""
    found = differences(one, other)
    if found:
        raise IncomparableError(
            f"{said} foretell different things, or read their data in different ways: {'; '.join(found)}."
        )


def compared_later(champion: Version, challenger: Version, past: Past, census: Moments) -> Comparison:
    """Compare the registered versions on the rows of a census after both had been trained.

    Raises IncomparableError where there is no such period, or too little happened in it, and where horizon,
    label or mapping differ.
    """
    _refuse_others(champion, challenger)
    if champion.learned_until is None or challenger.learned_until is None or not past.mapping.is_dated:
        raise IncomparableError("Data without time have no later period.")
    start = max(champion.learned_until, challenger.learned_until)
    rows = census.where(census.as_of >= start)
    return compare(
        foretold(champion.scorer, past, rows),
        foretold(challenger.scorer, past, rows),
        labelled(past, rows),
        champion=_number(champion),
        how="later period",
        said=f"both on leads from {day_of(start)} on, after both had been trained",
    )


def compared_by_twins(
    champion: Version, challenger: Version, past: Past, census: Moments, recipe: Recipe
) -> Comparison:
    """Compare the twins of two versions on the rows of a census that neither twin has seen.

    Of data with time: rows from when on both twins may be asked. Else by fold: a lead is in the same fold in
    every training, and each fold has a twin that saw none of it. `recipe` says how many folds there are.
    Raises IncomparableError where there are no such twins, or too little happened in those rows, and where
    horizon, label or mapping differ.
    """
    _refuse_others(champion, challenger)
    for version in (champion, challenger):
        if not version.twins:
            raise IncomparableError(f"There is no twin of {version.named} that could be compared.")
    if all(twin.learned_until is not None for twin in (*champion.twins, *challenger.twins)):
        return _in_time(champion, challenger, past, census)
    if any(twin.fold is None for twin in (*champion.twins, *challenger.twins)):
        raise IncomparableError("The twin of one version was cut off in time, those of the other by lead.")
    if {twin.folds for twin in (*champion.twins, *challenger.twins)} != {recipe.folds}:
        raise IncomparableError(
            f"The twins of one version were not made by {recipe.folds} folds: its folds are of other leads."
        )
    return _by_fold(champion, challenger, past, census, folds_of(past, recipe)[census.lead])


def _in_time(champion: Version, challenger: Version, past: Past, census: Moments) -> Comparison:
    start = max(twin.learned_until or 0 for twin in (*champion.twins, *challenger.twins))
    rows = census.where(_times(past, census) >= start)
    before, after = (foretold(version.twins[0].scorer, past, rows) for version in (champion, challenger))
    said = f"the twins of both versions on leads from {day_of(start)} on, which neither has seen"
    return compare(before, after, labelled(past, rows), champion=_number(champion), how="twins", said=said)


def _by_fold(
    champion: Version, challenger: Version, past: Past, census: Moments, fold: NDArray[np.int64]
) -> Comparison:
    of_champion, of_challenger = ({twin.fold: twin for twin in v.twins} for v in (champion, challenger))
    parts = [
        (census.where(fold == own), of_champion[own], of_challenger[own])
        for own in sorted(set(of_champion) & set(of_challenger), key=int)  # type: ignore[arg-type]  # no None
        if (fold == own).any()
    ]
    if not parts:
        raise IncomparableError("No lead of these data was left out by a twin of both versions.")
    before = _joined([foretold(twin.scorer, past, rows) for rows, twin, _ in parts])
    after = _joined([foretold(twin.scorer, past, rows) for rows, _, twin in parts])
    told = [labelled(past, rows) for rows, _, _ in parts]
    rows = Labelled(np.concatenate([t.label for t in told]), np.concatenate([t.owner for t in told]))
    said = "the twins of both versions on leads that neither has seen, fold by fold"
    return compare(before, after, rows, champion=_number(champion), how="twins", said=said)


def foretold(scorer: LeadScorer, past: Past, rows: Moments) -> Foretold:
    """Return what a scorer says of rows of a past.

    Raises IncomparableError where a column that it learned from is not there: it would be judged blind.
    """
    absent = absent_columns(scorer, past, rows)
    if absent:
        raise IncomparableError(
            f"These data lack what one of the versions learned from: {', '.join(absent)}."
        )
    found, _ = foretold_by(scorer, past, rows)
    return Foretold(found.probabilities, found.scores)


def absent_columns(scorer: LeadScorer, past: Past, rows: Moments) -> tuple[str, ...]:
    """Return the columns, in quotes, that a scorer learned from and that a past does not have."""
    absent = past.vectors(scorer.spec, rows.lead[:1], rows.as_of[:1]).absent
    return tuple(f"'{name}'" for name in sorted(absent))


def labelled(past: Past, rows: Moments) -> Labelled:
    """Return what became of rows of a past."""
    return Labelled(rows.label, past.owner[rows.lead])


def _refuse_others(champion: Version, challenger: Version) -> None:
    said = f"{champion.named.capitalize()}, the champion, and {challenger.named}"
    refuse_what_differs(champion.scorer.mapping, challenger.scorer.mapping, said)


def _number(champion: Version) -> int:
    if champion.number is None:
        raise TypeError("a champion is a registered version")
    return champion.number


def _joined(parts: Sequence[Foretold]) -> Foretold:
    return Foretold(
        np.concatenate([part.probability for part in parts]), np.concatenate([part.score for part in parts])
    )


def _times(past: Past, rows: Moments) -> NDArray[np.int64]:
    """Return what orders rows in time. Raises IncomparableError where nothing does."""
    times = times_of(past, rows)
    if times is None:
        raise IncomparableError("Some leads have no date of creation, so nobody can tell what came later.")
    return times
