"""Trials: what a search tried, how it went, and the file that remembers it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from training.fitting.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Settings of boosting under LightGBM's names, and the log loss (nats a row) that they gave.

    `losses`: of each validation, in order; of a trial that was pruned, of those that it got to. `log_loss`:
    their mean, None of a pruned trial.
    """

    settings: dict[str, Any]
    losses: tuple[float, ...]
    log_loss: float | None
    state: Literal["complete", "pruned"]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The recipe with the best settings, and the trials that it was found by, in order."""

    recipe: Recipe
    trials: tuple[Trial, ...]


def best_of(recipe: Recipe, trials: Sequence[Trial]) -> Searched:
    """Return the recipe with the settings of the least log loss; the first of several.

    Raises InputError where no trial was complete, or settings are none of boosting's.
    """
    complete = [trial for trial in trials if trial.log_loss is not None]
    if not complete:
        raise InputError(Fault("the trials", "at least one that is complete", f"{len(trials)} trials"))
    best = min(complete, key=lambda trial: trial.log_loss or 0.0)
    try:
        boosting = replace(recipe.boosting, **best.settings)
    except TypeError as problem:
        raise InputError(Fault("the trials", "settings of boosting", f"{problem}")) from problem
    return Searched(recipe=replace(recipe, boosting=boosting), trials=tuple(trials))


def trials_from(text: str, where: str) -> tuple[Trial, ...]:
    """Read the trials that a run has recorded. Raises InputError where it is no list of trials."""
    try:
        return tuple(_TRIALS.validate_json(text))
    except ValueError as problem:
        found = str(problem).partition("\n")[0]
        remedy = "Name a run of leadlens train that searched."
        raise InputError(Fault(where, "a list of trials", found, remedy)) from problem


class Journal:
    """A file of trials, one a line, each written as it ends: what is in it need not be done again.

    A line that was cut off in the middle counts as not there. Two searches of the same find the same, so they
    may write into one file: of lines with the same number the first counts.
    """

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing is remembered."""
        self._path = path

    def trials(self) -> list[Trial]:
        """Return the trials up to the first that is missing."""
        found: dict[int, Trial] = {}
        for number, trial in self._lines():
            found.setdefault(number, trial)
        return [found[number] for number in range(len(found)) if all(n in found for n in range(number))]

    def write(self, number: int, trial: Trial) -> None:
        """Add a trial."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps({"number": number, "trial": asdict(trial)})
        # It begins a line of its own even where the one before was cut off.
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"\n{line}\n".encode())
        finally:
            os.close(handle)

    def _lines(self) -> Iterator[tuple[int, Trial]]:
        if self._path is None or not self._path.exists():
            return
        for line in self._path.read_text("utf-8").splitlines():
            try:
                content = json.loads(line)
                yield content["number"], _TRIAL.validate_python(content["trial"])
            except (ValueError, KeyError, TypeError):
                continue


_TRIAL = TypeAdapter(Trial)
_TRIALS = TypeAdapter(list[Trial])
