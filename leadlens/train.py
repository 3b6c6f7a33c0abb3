"""`leadlens train`: from history to a registered version with its evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import Fault, InputError
from leadlens.options import (
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
    from collections.abc import Callable, Sequence

    from features.cluster import Engine
    from training.auditing.audit import Audit
    from training.examples import Examples

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
    prepared: PreparedFolder = None,
    engine: EngineName = "local",
    scheduler: Scheduler = None,
    card: CardFile = None,
    seed: Annotated[int, typer.Option(help="The same data and seed give the same model.")] = 7,
    home: Home = HOME,
) -> None:
    """Learn from history and register a version.

    Columns that know the answer are found first and left out, unless --keep names them; more about them
    says: leadlens audit. A twin is trained on the past alone and judged on what came later; the version is
    then refitted on everything and carries that evidence. It serves only after: leadlens promote

    \b
    Examples:
      leadlens train                                   # leadlens.toml in this folder
      leadlens train --config crm.toml --data exports/
      leadlens train --leads leads.csv --id Id --label Converted
      leadlens train --keep "Lead Quality"             # it was there when the lead came: I know it
      leadlens train --card card.toml                  # the company's scorecard, as rival and helper
      leadlens train --prepared prepared               # a history larger than memory
      leadlens train --config store.toml               # what leadlens import has brought into the store
    """
    from features.cluster import engine as chosen_engine
    from leadlens.audit_report import verdict_lines
    from leadlens.points_card import unmatched_lines
    from leadlens.reports import age_lines, evidence_lines, strongest_column
    from leadlens.terminal import say, working
    from models.points_card import read_card
    from models.registry import home_registry
    from training.fitting.recipe import Recipe
    from training.reports.runs import record
    from training.train import train_on

    if prepared is not None and (config or data or leads):
        raise InputError(Fault("--prepared", "nothing beside it", "files or a mapping", "Leave one out."))
    if prepared is None and engine != "local":
        remedy = "Prepare the history first: leadlens prepare --out FOLDER"
        raise InputError(Fault("--engine dask", "a prepared history (--prepared)", "none", remedy))
    recipe = Recipe(seed=seed, card=None if card is None else read_card(card))
    with working() as report, chosen_engine(engine, scheduler=scheduler) as on:
        if prepared is not None:
            audit, left_out, examples = _from_buckets(prepared, keep or (), report, on)
        else:
            given = {"config": config, "data": data, "leads": leads, "lead_id": lead_id, "label": label}
            given["home"] = home
            audit, left_out, examples = _from_files(given, keep or (), report)
        trained = train_on(examples, recipe, report=report)
        report("registering")
        kept = tuple(column.name for column in audit.named("leak") if column.name not in left_out)
        registered = record(trained, home_registry(home, os.environ), recipe, audit=audit, kept=kept)
    for line in verdict_lines(audit, kept):
        say(line)
    if recipe.card is not None:
        for line in unmatched_lines(recipe.card, trained.scorer.spec):
            say(line)
    for unused in trained.scorer.spec.unused:
        say(f"not used: {unused.name}: {unused.why}")
    if trained.evidence.auc.value > TOO_GOOD:
        suspect = strongest_column(trained.scorer)
        say(f"warning: this is too good to be true. Is '{suspect}' filled in after the outcome?")
        say("  Exclude such columns (leads.exclude in the mapping) and train again.")
    for line in (*age_lines(trained.scorer), *evidence_lines(trained.evidence)):
        say(line)
    say(f"Version {registered.version} is registered as challenger.")
    say(f"Its card is model_card.md of the run {registered.run_id}.")
    say("Make it the champion, the one that serves, with: leadlens promote")


def _from_files(
    given: dict[str, Any], keep: Sequence[str], report: Callable[[str], None]
) -> tuple[Audit, tuple[str, ...], Examples[Any]]:
    """Read and audit what the options name; return the audit, the leaks left out, and the examples."""
    from leadlens.company import company_data
    from leadlens.terminal import say
    from training.auditing.audit import audit_history, without_leaks
    from training.examples import cut_examples

    mapping, tables = company_data(**given, say=say)
    report("auditing the columns")
    examples = cut_examples(tables, mapping)
    audit = audit_history(tables, mapping, examples)
    left_out = audit.left_out(keep)
    return audit, left_out, cut_examples(tables, without_leaks(mapping, left_out)) if left_out else examples


def _from_buckets(
    folder: Path, keep: Sequence[str], report: Callable[[str], None], on: Engine
) -> tuple[Audit, tuple[str, ...], Examples[Any]]:
    """Audit the first bucket, which holds leads at random, and cut all buckets into examples."""
    from features.prepared import Prepared
    from leadlens.terminal import say
    from training.auditing.audit import audit_history, without_leaks
    from training.examples import cut_examples, cut_prepared

    history = Prepared.open(folder.absolute())
    for note in history.manifest.notes:
        say(f"note: {note}")
    report("auditing the columns of the first bucket")
    tables = history.bucket(0)
    audit = audit_history(tables, history.mapping, cut_examples(tables, history.mapping, history.identity(0)))
    left_out = audit.left_out(keep)
    report(f"cutting {len(history):,} buckets into examples")
    return audit, left_out, cut_prepared(history, without_leaks(history.mapping, left_out), on)
