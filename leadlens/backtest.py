"""`leadlens backtest`: what each cadence of retraining would have given."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import Fault, InputError
from leadlens.options import GREATEST_SEED, HOME, Config, Data, Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from features.history import History
    from features.tables import Tables
    from training.backtest import Backtest
    from training.examples import Examples


def backtest(
    config: Config = None,
    data: Data = None,
    every: Annotated[
        str, typer.Option(help="Cadences, parted by commas: weekly, monthly, never, or such as '90 days'.")
    ] = "weekly,monthly,never",
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="When all are trained first, a Monday or the next. Default: the middle of the history.",
            show_default=False,
        ),
    ] = None,
    periods: Annotated[
        int | None,
        typer.Option(help="How many times four weeks are foretold. Default: all.", min=1, show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for a page, plots, and all figures as CSV and JSON.", show_default=False),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="A column to learn from although the audit calls it a leak. Repeat for several.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same data and seed give the same figures.", min=0, max=GREATEST_SEED)
    ] = 7,
    home: Home = HOME,
) -> None:
    """Roll through the past and show what retraining would have given.

    At each moment a model learns from what was known then, and foretells the leads that are open until the
    next. Monthly is every four weeks. Columns that know the answer are left out, as in: leadlens train

    \b
    Examples:
      leadlens backtest                                    # weekly, monthly, or never again
      leadlens backtest --every monthly,never --out rolled # with a page, plots and all figures
      leadlens backtest --every "90 days,never" --from 2025-09-01 --periods 6
    """
    from leadlens.terminal import counting, say
    from training.backtest import backtest as rolled
    from training.backtest.cadence import cadences_of
    from training.fitting.recipe import Recipe
    from training.reports.backtest_report import backtest_lines

    cadences = cadences_of(every)
    if out is not None and out.exists() and not out.is_dir():
        raise InputError(Fault("--out", "a folder", f"the file {out}", "Choose another."))
    start = None if since is None else round(since.replace(tzinfo=UTC).timestamp()) * 1_000_000
    tables, examples = _history(config, data, keep or (), home)
    with counting("models trained") as report:
        found = rolled(
            tables, examples, Recipe(seed=seed), cadences, since=start, periods=periods, report=report
        )
    for line in backtest_lines(found):
        say(line)
    if out is not None:
        for path in _written(found, out):
            say(f"{path}")


def _history(
    config: Path | None, data: Path | None, keep: Sequence[str], home: Path
) -> tuple[Tables, Examples[History]]:
    """Read and audit what the mapping names; return it without duplicates and leaks, and the examples."""
    from features.duplicates.merging import merge_duplicates
    from leadlens.company import company_data
    from leadlens.terminal import say, working
    from training.auditing.audit import audit_history, without_leaks
    from training.backtest.roll import refuse_flat
    from training.examples import cut_examples

    with working() as report:
        report("reading")
        mapping, read = company_data(config=config, data=data, home=home, say=say)
        refuse_flat(mapping)
        report("auditing the columns")
        tables, _ = merge_duplicates(read, mapping)
        examples = cut_examples(tables, mapping)
        left_out = audit_history(tables, mapping, examples).left_out(keep)
    if not left_out:
        return tables, examples
    say(f"Left out, because they know the answer: {', '.join(left_out)}")
    return tables, cut_examples(tables, without_leaks(mapping, left_out))


def _written(found: Backtest, folder: Path) -> Iterator[Path]:
    """Write page, plots and figures into a folder, made where it is missing; yield each file."""
    from training.reports.backtest_report import backtest_csv, backtest_report
    from training.reports.page import page_of

    folder.mkdir(parents=True, exist_ok=True)
    report = backtest_report(found)
    texts = {
        "backtest.html": page_of(report),
        "backtest.csv": backtest_csv(found),
        "backtest.json": json.dumps(found.to_dict(), indent=1),
        **{f"{drawing.name}.svg": drawing.svg for drawing in report.drawings},
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        yield folder / name
