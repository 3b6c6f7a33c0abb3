"""`leadlens train`: from history to a registered version with its evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import RefusedError
from leadlens.options import (
    GREATEST_SEED,
    HOME,
    Config,
    Data,
    EngineName,
    Home,
    Label,
    LeadId,
    Leads,
    PreparedFolder,
    Scheduler,
)
from leadlens.points import CardFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.training_data import Read
    from training.train import Trained


TOO_GOOD = 0.97
"""An AUC above this is a leak until somebody shows otherwise."""


def train(
    config: Config = None,
    data: Data = None,
    leads: Leads = None,
    lead_id: LeadId = None,
    label: Label = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="A column to learn from although the audit calls it a leak; recorded. Repeat for several.",
            show_default=False,
        ),
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option(
            help="How many leads the team can work in a week: lift is said there too.",
            min=1,
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        str, typer.Option(help="How long to search for settings, such as 5m. 0 takes sound defaults.")
    ] = "0",
    trials: Annotated[
        int | None,
        typer.Option(
            help="How many settings to try: the same number gives the same model.", min=1, show_default=False
        ),
    ] = None,
    trials_from: Annotated[
        str | None,
        typer.Option(
            help="Take the best settings that a run has found: its id, or its trials.json as a file.",
            show_default=False,
        ),
    ] = None,
    monotone: Annotated[
        list[str] | None,
        typer.Option(
            help="A column or feature that may only raise (=up) or lower (=down) a score. Repeat for more.",
            show_default=False,
        ),
    ] = None,
    prepared: PreparedFolder = None,
    engine: EngineName = "local",
    scheduler: Scheduler = None,
    card: CardFile = None,
    seed: Annotated[
        int, typer.Option(help="The same data and seed give the same model.", min=0, max=GREATEST_SEED)
    ] = 7,
    home: Home = HOME,
) -> None:
    """Learn from history and register a version.

    Columns that know the answer are found first and left out, unless --keep names them; more about them
    says: leadlens audit. Where the rest shows no signal, nothing is registered (exit code 3). A twin is
    trained on the past alone and judged on what came later, beside simpler rivals; the version is then
    refitted on everything and carries that evidence. It serves only after: leadlens promote

    \b
    Examples:
      leadlens train                                   # leadlens.toml in this folder
      leadlens train --config crm.toml --data exports/
      leadlens train --leads leads.csv --id Id --label Converted
      leadlens train --keep "Lead Quality"             # it was there when the lead came: I know it
      leadlens train --budget 5m                       # search for settings that foretell better
      leadlens train --monotone employees=up           # all else equal, more employees never count against
      leadlens train --card card.toml                  # the company's scorecard, as rival and helper
      leadlens train --prepared prepared               # a history larger than memory
      leadlens train --config store.toml               # what leadlens import has brought into the store
    """
    from leadlens.acts import note
    from leadlens.contest import compared_in_training, said_of_comparison
    from leadlens.terminal import say, working
    from leadlens.training_data import Source, read_examples
    from leadlens.tuning import effort_of, search_for
    from leadlens.typed import typed
    from models.registry import home_registry
    from models.scorecard.points_card import read_card
    from training.evidence.signal import NoSignalError
    from training.fitting.monotone import constraint_from
    from training.fitting.recipe import Recipe
    from training.promotion.comparison import Comparison
    from training.reports.runs import record
    from training.train import train_on

    command = typed("train", {
        "--config": config, "--data": data, "--leads": leads, "--id": lead_id, "--label": label,
        "--keep": keep, "--capacity": capacity, "--budget": None if budget == "0" else budget,
        "--trials": trials, "--trials-from": trials_from, "--monotone": monotone, "--prepared": prepared,
        "--card": card, "--seed": seed,
    })  # fmt: skip
    recipe = Recipe(
        seed=seed,
        monotone=tuple(constraint_from(text) for text in monotone or ()),
        card=None if card is None else read_card(card),
    )
    source = Source(
        config=config, data=data, leads=leads, lead_id=lead_id, label=label, prepared=prepared, home=home
    )
    registry, effort = home_registry(home, os.environ), effort_of(budget, trials)
    with working() as report:
        search = search_for(recipe, effort, trials_from, home=home, registry=registry, report=report)
        with read_examples(source, keep or (), engine, scheduler, report) as read:
            try:
                trained = train_on(read.examples, recipe, report=report, capacity=capacity, search=search)
            except NoSignalError as refusal:
                raise RefusedError(f"{refusal} Nothing is registered. {_still_serving(home)}") from refusal
            compared = compared_in_training(registry, trained)
            report("registering")
            registered = record(
                trained,
                registry,
                command=command,
                audit=read.audit,
                kept=read.kept,
                comparison=compared if isinstance(compared, Comparison) else None,
            )
    note(home, registered, act="version became challenger")
    for line in _said(read, trained):
        say(line)
    if compared is not None:
        say(said_of_comparison(compared))
    say(f"Version {registered.version} is registered as challenger (run {registered.run_id}).")
    say(f"Its card: leadlens card {registered.version} --out card.html")
    say(_next(trained))


def _next(trained: Trained) -> str:
    """Say what to do with the version."""
    if trained.evidence.shows_signal and not list(trained.evidence.reasons_against):
        return "Make it the champion, the one that serves, with: leadlens promote"
    return "It is not for serving: leadlens promote will ask for --force and a reason."


def _said(read: Read, trained: Trained) -> Iterator[str]:
    """Say what was left out and why, and the evidence."""
    from leadlens.audit_report import verdict_lines
    from leadlens.points_card import unmatched_lines
    from leadlens.reports import age_lines, evidence_lines, strongest_column

    yield from verdict_lines(read.audit, read.kept)
    if trained.recipe.card is not None:
        yield from unmatched_lines(trained.recipe.card, trained.scorer.spec)
    for unused in trained.scorer.spec.unused:
        yield f"not used: {unused.name}: {unused.why}"
    if trained.evidence.auc.value > TOO_GOOD:
        suspect = strongest_column(trained.scorer)
        yield f"warning: this is too good to be true. Is '{suspect}' filled in after the outcome?"
        yield "  Exclude such columns (leads.exclude in the mapping) and train again."
    yield from age_lines(trained.scorer)
    yield from evidence_lines(trained.evidence)


def _still_serving(home: Path) -> str:
    """Say what goes on serving where nothing was registered."""
    from models.champion import pointed_to

    version = pointed_to(home)
    if version:
        return f"Version {version}, the champion, goes on serving."
    return "The points scorecard that comes with LeadLens goes on serving; write your own: leadlens points"
