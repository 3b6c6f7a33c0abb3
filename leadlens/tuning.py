"""The options of a search for settings, understood: --budget, --trials, --trials-from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.past import Past
    from features.snapshots import Moments
    from models.registry import Registry
    from training.fitting.recipe import Recipe
    from training.fitting.search import Effort
    from training.fitting.trials import Searched, Trial

    Search = Callable[[Past, Moments, Moments], Searched]

FOLDER = "tuning"
"""Of the home: trials of searches, so that one that was interrupted goes on."""

_BAR = 20


def effort_of(budget: str, trials: int | None) -> Effort | None:
    """Return how long to search, None where no search is asked for ('0' and no number of trials).

    Raises InputError where the budget is no length of time with a unit.
    """
    from features.durations import microseconds
    from training.fitting.search import Effort

    try:
        seconds = 0.0 if budget.strip() == "0" else microseconds(_spelled(budget)) / 1_000_000
    except ValueError as problem:
        remedy = "Write 0 for the defaults, or for example 5m, 90s or 1h."
        raise InputError(Fault("--budget", "a length of time", f"'{budget}'", remedy)) from problem
    if seconds == 0.0 and trials is None:
        return None
    return Effort(trials=trials, seconds=seconds or None)


def search_for(
    recipe: Recipe,
    effort: Effort | None,
    trials_from: str | None,
    *,
    home: Path,
    registry: Registry,
    report: Callable[[str], None],
) -> Search | None:
    """Return what chooses the settings, None for the defaults.

    `trials_from`: a run, or a file of trials, whose best settings are taken without searching. Raises
    InputError where it holds none, or a search is asked for as well.
    """
    if trials_from is None:
        return None if effort is None else _searching(recipe, effort, home / FOLDER, report)
    if effort is not None:
        raise InputError(
            Fault("--trials-from", "no --budget or --trials beside it", "both", "Leave one out.")
        )
    from training.fitting.trials import best_of
    from training.fitting.trials import trials_from as read

    path = Path(trials_from)
    text = path.read_bytes() if path.is_file() else registry.text(trials_from, "trials.json")
    found = best_of(recipe, read(text, f"--trials-from {trials_from}"))
    return lambda _past, _examples, _census: found


def said_of_search(trials: list[Trial], effort: Effort) -> str:
    """Return how far a search is: a bar, the number of trials, and the best log loss."""
    done = effort.share_spent(trials)
    filled = round(_BAR * done)
    losses = [trial.log_loss for trial in trials if trial.log_loss is not None]
    best = f", log loss {min(losses):.4f}" if losses else ""
    return (
        f"searching for settings {'█' * filled}{'░' * (_BAR - filled)} {done:.0%}: trial {len(trials)}{best}"
    )


def _searching(recipe: Recipe, effort: Effort, folder: Path, report: Callable[[str], None]) -> Search:
    from training.fitting.search import search

    def chosen(past: Past, examples: Moments, _: Moments) -> Searched:
        return search(
            past,
            examples,
            recipe,
            effort,
            folder=folder,
            report=lambda trials: report(said_of_search(trials, effort)),
        )

    return chosen


def _spelled(budget: str) -> str:
    """Return '5m' as '5 min': a lone m is a minute here, and a month nowhere.

    >>> _spelled("5m"), _spelled("90s")
    ('5min', '90s')
    """
    text = budget.strip()
    return f"{text}in" if text.endswith("m") and text[:-1].strip().isdigit() else text
