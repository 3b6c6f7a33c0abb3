import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.errors import InputError
from features.snapshots import Moments
from leadlens.tuning import effort_of, said_of_search, search_for
from models.registry import Registry
from training.fitting.recipe import Recipe
from training.fitting.search import Effort
from training.fitting.trials import Trial

TRIAL = Trial(settings={"num_leaves": 5}, losses=(0.5, 0.25), log_loss=0.375, state="complete", seconds=15.0)
NOTHING: Any = Moments(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


@pytest.mark.parametrize(
    ("budget", "trials", "effort"),
    [
        ("0", None, None),
        ("0s", None, None),
        ("0", 30, Effort(trials=30)),
        ("5m", None, Effort(seconds=300.0)),
        ("90s", 4, Effort(seconds=90.0, trials=4)),
        ("1h", None, Effort(seconds=3_600.0)),
        ("2 minutes", None, Effort(seconds=120.0)),
    ],
)
def test_a_budget_is_a_length_of_time(budget: str, trials: int | None, effort: Effort | None) -> None:
    assert effort_of(budget, trials) == effort


@pytest.mark.parametrize("budget", ["", "5x", "-5m", "soon", "300", "5", "0.5"])
def test_what_is_no_length_of_time_is_refused(budget: str) -> None:
    with pytest.raises(InputError, match="--budget: expected a length of time"):
        effort_of(budget, None)


def test_progress_says_how_far_the_search_is_and_what_is_best() -> None:
    assert "50%: trial 1, log loss 0.3750" in said_of_search([TRIAL], Effort(seconds=30.0))
    assert "100%: trial 2" in said_of_search([TRIAL, TRIAL], Effort(seconds=30.0))
    assert " 25%: trial 1" in said_of_search([TRIAL], Effort(trials=4))


def chosen(trials_from: str | None, home: Path, effort: Effort | None = None) -> Any:
    registry = Registry(f"sqlite:///{home / 'mlflow.db'}", artifacts=home / "mlartifacts")
    return search_for(Recipe(), effort, trials_from, home=home, registry=registry, report=print)


def test_without_a_budget_or_trials_there_is_no_search(tmp_path: Path) -> None:
    assert chosen(None, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_trials_of_a_file_are_taken_without_searching(tmp_path: Path) -> None:
    file = tmp_path / "trials.json"
    file.write_text(json.dumps([asdict(TRIAL)]))
    found = chosen(str(file), tmp_path)(None, NOTHING, NOTHING)
    assert found.recipe.boosting.num_leaves == 5
    assert found.trials == (TRIAL,)
    with pytest.raises(InputError, match="--trials-from: expected no --budget or --trials"):
        chosen(str(file), tmp_path, Effort(trials=3))


def test_trials_of_a_run_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the run abc: expected its file trials\.json"):
        chosen("abc", tmp_path)
