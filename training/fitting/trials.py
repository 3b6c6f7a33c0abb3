"""Trials: what a search tried, how it went, and the file that remembers it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from features.errors import Fault, InputError
from training.fitting.space import settings_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from training.fitting.recipe import Recipe


Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Settings of boosting under LightGBM's names, and the log loss (nats a row) that they gave.

    `losses`: of each validation, in order; of a trial that was pruned, of those that it got to. `log_loss`:
    their mean, None of a pruned trial.
    """

    settings: dict[str, Any]
    losses: Annotated[tuple[Finite, ...], Field(min_length=1)]
    log_loss: Finite | None
    state: Literal["complete", "pruned"]
    seconds: Annotated[Finite, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The recipe with the best settings, and the trials that it was found by, in order."""

    recipe: Recipe
    trials: tuple[Trial, ...]


def best_of(recipe: Recipe, trials: Sequence[Trial]) -> Searched:
    """Return the recipe with the settings of the least log loss; the first of several.

    Raises InputError where no trial was complete.
    """
    complete = [trial for trial in trials if trial.log_loss is not None]
    if not complete:
        raise InputError(
            Fault("the trials", "at least one that is complete", f"{len(trials)} that are not", _REMEDY)
        )
    best = min(complete, key=lambda trial: trial.log_loss or 0.0)
    boosting = replace(recipe.boosting, **best.settings)
    return Searched(recipe=replace(recipe, boosting=boosting), trials=tuple(trials))


def trials_from(text: str | bytes, where: str) -> tuple[Trial, ...]:
    """Read the trials that a run has recorded.

    Raises InputError where it is no list of trials, or settings are none that a search tries (see `space`).
    """
    try:
        trials = tuple(_TRIALS.validate_json(text))
    except ValidationError as problem:
        raise InputError(*_faults(problem, where, "trials as a run records them")) from problem
    for number, trial in enumerate(trials):
        try:
            _SETTINGS.validate_python(trial.settings)
        except ValidationError as problem:
            faults = _faults(problem, f"{where}, trial {number}", "settings that a search tries")
            raise InputError(*faults) from problem
    return trials


def _faults(problem: ValidationError, where: str, expected: str) -> Iterator[Fault]:
    """Return what is wrong, the first few of it: a file of another kind is wrong everywhere."""
    for wrong in problem.errors()[:_FAULTS_SAID]:
        at = ".".join(map(str, wrong["loc"]))
        message = wrong["msg"][:1].lower() + wrong["msg"][1:]
        yield Fault(f"{where}: {at}" if at else where, expected, message, _REMEDY)


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
        number = 0
        while number in found:
            number += 1
        return [found[before] for before in range(number)]

    def write(self, number: int, trial: Trial) -> None:
        """Add a trial."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps({"number": number, "trial": asdict(trial)})
        # It begins a line of its own even where the one before was cut off.
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(f"\n{line}\n".encode())

    def _lines(self) -> Iterator[tuple[int, Trial]]:
        if self._path is None or not self._path.exists():
            return
        for line in self._path.read_text("utf-8", errors="replace").splitlines():
            try:
                content = json.loads(line)
                yield content["number"], _TRIAL.validate_python(content["trial"])
            except (ValueError, KeyError, TypeError):
                continue


_REMEDY = "Name a run of leadlens train that searched, or its trials.json as it is."
_FAULTS_SAID = 5
_TRIAL = TypeAdapter(Trial)
_TRIALS = TypeAdapter(list[Trial])
_SETTINGS = TypeAdapter(settings_type())
