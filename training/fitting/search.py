"""The search for settings: Optuna asks, validation answers, and what was tried is remembered.

Each trial is asked of a study that is made anew from the trials before it, with a sampler seeded by their
number. So a trial follows from those before it alone, and a search that was interrupted goes on as if it had
not been. The time only decides how many trials there are.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna

from models.boosting import binned, losses_of
from training.fitting.fit import learned_spec
from training.fitting.monotone import directions_of
from training.fitting.space import SPACE, first_settings
from training.fitting.stopping import MANY_EXAMPLES, PATIENCE, parts
from training.fitting.trials import Journal, Searched, Trial, best_of
from training.fitting.validation import validations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import lightgbm
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from features.spec import FeatureSpec
    from training.fitting.recipe import Recipe
    from training.fitting.validation import Validation

STARTUP_TRIALS = 12
"""So many trials, those tried first among them, come before the sampler looks at what they gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to search: a number of `trials`, or `seconds`, in which the last that began is finished.

    Where both are given, whichever is reached first. The seconds of trials that were remembered count too.
    """

    trials: int | None = None
    seconds: float | None = None

    def share_spent(self, trials: Sequence[Trial]) -> float:
        """Return how much of it these trials have used (0-1)."""
        used = sum(trial.seconds for trial in trials)
        by_count = 0.0 if self.trials is None else len(trials) / self.trials
        return min(1.0, max(by_count, 0.0 if self.seconds is None else used / self.seconds))

    def is_spent(self, trials: Sequence[Trial]) -> bool:
        """Whether these trials are enough; one always is made."""
        return bool(trials) and self.share_spent(trials) >= 1.0


def search(
    past: Past,
    examples: Moments,
    recipe: Recipe,
    effort: Effort,
    *,
    folder: Path | None = None,
    report: Callable[[list[Trial]], None] = lambda _: None,
) -> Searched:
    """Return the recipe with the settings that foretell best within the examples, and all trials.

    A trial's log loss is the mean over the validations (see `validation`) of the least on the way to its
    trees. It is pruned, from the second on, where its mean so far is above the median of
    earlier trials' there.
    In `folder` a file of trials, named for all that they depend on, is gone on with. `report` is told the
    trials after each.
    """
    if effort.trials is None and effort.seconds is None:
        raise TypeError("a search needs a number of trials or a time")
    spec = learned_spec(past, examples, recipe)
    values = past.vectors(spec, examples.lead, examples.as_of).values
    validations = validations_of(past, examples)
    if len(examples) >= MANY_EXAMPLES:
        validations = validations[-1:]
    journal = Journal(
        None if folder is None else folder / f"{_digest(examples, validations, values, spec, recipe)}.log"
    )
    trials: list[Trial] = []
    for trial in journal.trials():
        if effort.is_spent(trials):
            break
        trials.append(trial)
    if not effort.is_spent(trials):
        judging = _Judging(examples, validations, values, spec, recipe)
        del values  # the bins hold an eighth of its bytes
        while not effort.is_spent(trials):
            trials.append(_next_trial(judging, trials))
            journal.write(len(trials) - 1, trials[-1])
            report(trials)
    return best_of(recipe, trials)


class _Judging:
    """The examples, binned once, and their validations, on which settings are judged."""

    def __init__(
        self,
        examples: Moments,
        validations: Sequence[Validation],
        values: NDArray[np.float64],
        spec: FeatureSpec,
        recipe: Recipe,
    ) -> None:
        self.recipe = recipe
        self.directions = directions_of(spec, recipe.monotone)
        # The parts read the Dataset's bins: it lives as long as they do.
        self._dataset: lightgbm.Dataset = binned(values, examples.label, examples.weight, spec.features)
        self.validations = [parts(self._dataset, examples, validation) for validation in validations]

    def losses(self, settings: dict[str, Any]) -> Iterable[float]:
        """Yield for each validation the least log loss on the way."""
        boosting = replace(self.recipe.boosting, **settings)
        for learned, judged in self.validations:
            best, since = np.inf, 0
            for loss in losses_of(learned, judged, boosting, directions=self.directions):
                best, since = (loss, 0) if loss < best else (best, since + 1)
                if since >= PATIENCE:
                    break
            yield float(best)


def _next_trial(judging: _Judging, trials: list[Trial]) -> Trial:
    began = time.perf_counter()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = _study(judging.recipe, trials)
    asked = study.ask(SPACE)
    losses: list[float] = []
    pruned = False
    for loss in judging.losses(asked.params):
        losses.append(loss)
        asked.report(float(np.mean(losses)), len(losses))
        pruned = len(losses) < len(judging.validations) and asked.should_prune()
        if pruned:
            break
    return Trial(
        settings=dict(asked.params),
        losses=tuple(losses),
        log_loss=None if pruned else float(np.mean(losses)),
        state="pruned" if pruned else "complete",
        seconds=time.perf_counter() - began,
    )


def _study(recipe: Recipe, trials: list[Trial]) -> optuna.Study:
    """Return a study that knows these trials, and whose next one follows from them and the seed."""
    number, first = len(trials), first_settings(recipe.boosting)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(
            seed=recipe.seed + number, multivariate=True, n_startup_trials=STARTUP_TRIALS
        ),
        # One validation alone is too noisy to give a trial up.
        pruner=optuna.pruners.MedianPruner(n_startup_trials=len(first), n_warmup_steps=2),
    )
    study.add_trials(_frozen(trial) for trial in trials)
    if number < len(first):
        study.enqueue_trial(first[number])
    return study


def _frozen(trial: Trial) -> optuna.trial.FrozenTrial:
    means = np.cumsum(trial.losses) / np.arange(1, len(trial.losses) + 1)
    states = optuna.trial.TrialState
    return optuna.trial.create_trial(
        state=states.PRUNED if trial.log_loss is None else states.COMPLETE,
        value=float(means[-1]) if trial.log_loss is None else trial.log_loss,
        params=trial.settings,
        distributions=SPACE,
        intermediate_values={step: float(mean) for step, mean in enumerate(means, start=1)},
    )


def _digest(
    examples: Moments,
    validations: Sequence[Validation],
    values: NDArray[np.float64],
    spec: FeatureSpec,
    recipe: Recipe,
) -> str:
    """Return a digest of all that trials depend on.

    What is learned from and judged on in each validation, recipe, versions, and the search's own settings.
    """
    digest = hashlib.sha256()
    sides = [side for validation in validations for side in (validation.learned, validation.judged)]
    for array in (examples.lead, examples.label, values, *sides):
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).data)
    versions = [version(name) for name in ("leadlens", "lightgbm", "numpy", "optuna")]
    said = (spec.to_json(), asdict(recipe), versions, SPACE, first_settings(recipe.boosting))
    digest.update(repr(said).encode())
    return digest.hexdigest()[:32]
