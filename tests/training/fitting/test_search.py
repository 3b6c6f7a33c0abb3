"""The search for settings: what it finds follows from the data, the seed and the number of trials."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_company import TINY, dated_company, flat_company

from features.errors import InputError
from features.snapshots import Moments
from models.boosting import Boosting
from training.fitting.fit import fit
from training.fitting.recipe import Recipe
from training.fitting.search import Effort, search
from training.fitting.space import SPACE, first_settings
from training.fitting.trials import Journal, Searched, Trial, best_of, trials_from

RECIPE = Recipe(boosting=replace(TINY, num_trees=8))
TRIAL = Trial(settings={"num_leaves": 5}, losses=(0.5,), log_loss=0.5, state="complete", seconds=1.0)
TRIALS = 9


def searched(trials: int, folder: Path | None = None, recipe: Recipe = RECIPE) -> Searched:
    company = flat_company()
    return search(company.history, company.examples, recipe, Effort(trials=trials), folder=folder)


def untimed(found: Searched) -> list[dict[str, Any]]:
    return [{**asdict(trial), "seconds": 0.0} for trial in found.trials]


@pytest.fixture(scope="module")
def whole() -> Searched:
    return searched(TRIALS)


def test_the_defaults_are_tried_first_and_the_best_is_taken(whole: Searched) -> None:
    first = first_settings(RECIPE.boosting)
    assert [trial.settings for trial in whole.trials[: len(first)]] == first
    assert first[0] == {name: getattr(RECIPE.boosting, name) for name in SPACE}
    best = min(trial.log_loss for trial in whole.trials if trial.log_loss is not None)
    chosen = next(trial for trial in whole.trials if trial.log_loss == best)
    assert whole.recipe == replace(RECIPE, boosting=replace(RECIPE.boosting, **chosen.settings))
    assert len(whole.trials) == TRIALS


def test_the_same_number_of_trials_gives_the_same_trials(whole: Searched) -> None:
    assert untimed(searched(TRIALS)) == untimed(whole)
    assert untimed(searched(TRIALS, recipe=replace(RECIPE, seed=8))) != untimed(whole)


def test_a_search_that_was_killed_in_the_middle_of_a_line_goes_on_as_if_nothing_had_been(
    tmp_path: Path, whole: Searched
) -> None:
    searched(6, tmp_path)
    (journal,) = tmp_path.iterdir()
    assert journal.stat().st_mode & 0o777 == 0o600
    text = journal.read_text()
    journal.write_text(text[: len(text) - 80])
    resumed = searched(TRIALS, tmp_path)
    assert untimed(resumed) == untimed(whole)
    remembered = [trial.seconds for trial in resumed.trials[:5]]
    again = searched(TRIALS, tmp_path)
    assert again == resumed
    assert [trial.seconds for trial in again.trials[:5]] == remembered


def test_fewer_trials_than_are_remembered_are_the_first_ones(tmp_path: Path, whole: Searched) -> None:
    searched(TRIALS, tmp_path)
    assert untimed(searched(4, tmp_path)) == untimed(whole)[:4]


def test_trials_of_other_data_or_another_recipe_are_not_taken_for_these(tmp_path: Path) -> None:
    company = flat_company()
    searched(2, tmp_path)
    searched(2, tmp_path, replace(RECIPE, seed=8))
    other = Moments(company.examples.lead, company.examples.as_of, 1 - company.examples.label)
    search(company.history, other, RECIPE, Effort(trials=2), folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_time_only_decides_how_many_trials_there_are(tmp_path: Path, whole: Searched) -> None:
    company = flat_company()
    effort = Effort(seconds=0.3)
    timed = search(company.history, company.examples, RECIPE, effort, folder=tmp_path)
    assert effort.is_spent(timed.trials)
    assert not effort.is_spent(timed.trials[:-1])
    both = min(len(timed.trials), TRIALS)
    assert untimed(timed)[:both] == untimed(whole)[:both]


def test_the_trials_of_a_run_give_its_model_to_the_byte(whole: Searched) -> None:
    company = flat_company()
    text = json.dumps([asdict(trial) for trial in whole.trials], indent=1)
    again = best_of(RECIPE, trials_from(text, "trials.json"))
    assert again == whole
    one, other = (
        fit(company.history, company.examples, company.census, each.recipe).scorer for each in (whole, again)
    )
    assert one.booster.model_to_string() == other.booster.model_to_string()
    assert one.calibration.to_dict() == other.calibration.to_dict()


def test_a_pruned_trial_is_never_the_best() -> None:
    trial = Trial(settings={"num_leaves": 5}, losses=(0.5,), log_loss=0.5, state="complete", seconds=1.0)
    pruned = replace(trial, settings={"num_leaves": 9}, losses=(0.1,), log_loss=None, state="pruned")
    assert best_of(RECIPE, [pruned, trial]).recipe.boosting.num_leaves == 5
    with pytest.raises(InputError, match="at least one that is complete"):
        best_of(RECIPE, [pruned])


def test_what_is_no_list_of_trials_is_refused() -> None:
    for text in ('{"a": 1}', b"PK\x03\x04\xff\xfe", "[1]", ""):
        with pytest.raises(InputError, match=r"expected trials as a run records them.*Name a run"):
            trials_from(text, "trials.json")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"num_trees": "many"}, "num_trees: expected settings that a search tries, found extra inputs"),
        ({"max_depth": 60}, "max_depth: expected .* less than or equal to 8"),
        ({"max_depth": 4.5}, "max_depth: expected .* valid integer"),
        ({"learning_rate": -5}, "learning_rate: expected .* greater than or equal to 0.02"),
        ({"learning_rate": "0.1"}, "learning_rate: expected .* valid number"),
        ({"extra_trees": 1}, "extra_trees: expected .* valid boolean"),
    ],
)
def test_settings_that_no_search_tries_are_refused(settings: dict[str, Any], said: str) -> None:
    text = json.dumps([asdict(replace(TRIAL, settings=settings))])
    with pytest.raises(InputError, match=f"^trials.json, trial 0: {said}.*Name a run"):
        trials_from(text, "trials.json")


@pytest.mark.parametrize("changed", [{"log_loss": float("nan")}, {"losses": [float("inf")]}, {"losses": []}])
def test_losses_that_are_no_numbers_are_refused(changed: dict[str, Any]) -> None:
    text = json.dumps([asdict(TRIAL) | changed])
    with pytest.raises(InputError, match=r"trials\.json: 0\.(log_loss|losses).*Name a run"):
        trials_from(text, "trials.json")


def test_a_journal_is_read_up_to_the_first_trial_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "trials.log"
    journal = Journal(path)
    for number in (1, 0, 3, 4, 7):
        journal.write(number, replace(TRIAL, seconds=float(number)))
    with path.open("ab") as file:
        file.write(b"\xff\xfe no text\n")
    journal.write(0, replace(TRIAL, seconds=99.0))
    assert [trial.seconds for trial in journal.trials()] == [0.0, 1.0]
    assert Journal(tmp_path / "none").trials() == []


def test_trials_of_another_horizon_are_not_taken_for_these(tmp_path: Path) -> None:
    """The embargo takes other examples away, though no vector and no label differs."""
    company = dated_company()
    past: Any = company.history
    longer = past.mapping.training.model_copy(update={"horizon": 2 * past.mapping.training.horizon})
    other: Any = SimpleNamespace(
        mapping=past.mapping.model_copy(update={"training": longer}),
        survey=past.survey, vectors=past.vectors, owner=past.owner, owner_hash=past.owner_hash,
    )  # fmt: skip
    for each in (past, other, past):
        search(each, company.examples, RECIPE, Effort(trials=1), folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_every_setting_that_may_be_tried_is_one_of_boosting_and_depth_stays_at_most_eight() -> None:
    assert set(SPACE) <= set(asdict(Boosting()))
    assert getattr(SPACE["max_depth"], "high", None) == 8
    for settings in first_settings(Recipe().boosting):
        for name, value in settings.items():
            assert SPACE[name]._contains(SPACE[name].to_internal_repr(value))  # noqa: SLF001 - Optuna has no public question


def test_searching_lowers_the_log_loss_of_bad_settings() -> None:
    """Settings that learn next to nothing are beaten by those that are tried after them."""
    bad = replace(RECIPE, boosting=Boosting(num_trees=8, learning_rate=0.02, min_data_in_leaf=300))
    found = searched(4, recipe=bad)
    assert found.trials[0].log_loss is not None
    assert min(t.log_loss for t in found.trials if t.log_loss is not None) < found.trials[0].log_loss
