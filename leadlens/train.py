"""`leadlens train`: from history to a registered version with its evidence."""

import os
from typing import Annotated

import typer

from leadlens.options import HOME, Config, Data, Home, Leads

TOO_GOOD = 0.97
"""An AUC above this is a leak until somebody shows otherwise."""


def train(
    config: Config = None,
    data: Data = None,
    leads: Leads = None,
    lead_id: Annotated[
        str | None,
        typer.Option("--id", help="With --leads: the column of the lead's id.", show_default=False),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="With --leads: the column that says who converted.", show_default=False),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="A column to learn from although the audit calls it a leak; recorded. Repeat for several.",
            show_default=False,
        ),
    ] = None,
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
    """
    from leadlens.audit_report import verdict_lines
    from leadlens.company import company_data
    from leadlens.reports import evidence_lines, strongest_column
    from leadlens.terminal import say, working
    from models.registry import home_registry
    from training.auditing import audit_history, without_leaks
    from training.recipe import Recipe
    from training.runs import record
    from training.train import cut_examples
    from training.train import train as fit

    mapping, tables = company_data(
        config=config, data=data, leads=leads, lead_id=lead_id, label=label, say=say
    )
    recipe = Recipe(seed=seed)
    with working() as report:
        report("auditing the columns")
        audit = audit_history(tables, mapping, cut_examples(tables, mapping))
        left_out = audit.left_out(keep or ())
        trained = fit(tables, without_leaks(mapping, left_out), recipe, report=report)
        report("registering")
        kept = tuple(column.name for column in audit.named("leak") if column.name not in left_out)
        registered = record(trained, home_registry(home, os.environ), recipe, audit=audit, kept=kept)
    for line in verdict_lines(audit, kept):
        say(line)
    for unused in trained.scorer.spec.unused:
        say(f"not used: {unused.name}: {unused.why}")
    if trained.evidence.auc.value > TOO_GOOD:
        suspect = strongest_column(trained.scorer)
        say(f"warning: this is too good to be true. Is '{suspect}' filled in after the outcome?")
        say("  Exclude such columns (leads.exclude in the mapping) and train again.")
    for line in evidence_lines(trained.evidence):
        say(line)
    say(f"Version {registered.version} is registered as challenger.")
    say("Make it the champion, the one that serves, with: leadlens promote")
