"""`leadlens generate`: a history with a known truth."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from features.counted import counted


def generate(
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    leads: Annotated[int, typer.Option(help="How many leads.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.", min=0)] = 7,
    days: Annotated[int, typer.Option(help="How many days of history.", min=1)] = 540,
    form: Annotated[
        Literal["parquet", "csv"], typer.Option("--format", help="The format of the tables.")
    ] = "parquet",
    truth: Annotated[bool, typer.Option(help="Also write the true probabilities, apart.")] = False,
    leak: Annotated[bool, typer.Option(help="Add a column that was filled in after the outcome.")] = False,
    observable: Annotated[bool, typer.Option(help="Let each change of intent leave an event.")] = False,
    drift: Annotated[
        float,
        typer.Option(
            help="How far what makes leads win moves from the middle of the history on (0-1).",
            min=0.0,
            max=1.0,
        ),
    ] = 0.0,
) -> None:
    """Generate a company's history.

    Leads, events, changes, outcomes, accounts and their mapping. No person, company or deal in it exists.

    \b
    Examples:
      leadlens generate --out data
      leadlens generate --out data --leads 500000 --seed 3
      leadlens generate --out data --truth --observable   # what a perfect model could reach
      leadlens generate --out data --drift 0.8            # then see: leadlens backtest
    """
    from leadlens.terminal import say
    from training.synthetic import History
    from training.synthetic import generate as make

    recipe = History(leads=leads, seed=seed, days=days, leak=leak, observable=observable, drift=drift)
    made = make(recipe, out, format=form, truth=truth)
    for written in (made.leads, made.events, made.changes, made.outcomes, made.accounts, made.truth):
        if written is not None:
            say(f"{written.path}: {counted(written.rows, 'row')}")
    say(f"{made.mapping}: the mapping. Learn from it with: leadlens train --config {made.mapping}")
