"""The command line: `leadlens --help`."""

import sys
from typing import Annotated

import typer

from features.errors import InputError, RefusedError
from leadlens.agreement import agreement
from leadlens.audit import audit
from leadlens.audit_log import audit_log
from leadlens.backtest import backtest
from leadlens.backup import backup, restore
from leadlens.card import card
from leadlens.demo import demo
from leadlens.doctor import doctor
from leadlens.enrich import enrich
from leadlens.evaluate import evaluate
from leadlens.explain import explain
from leadlens.generate import generate
from leadlens.importing import import_history
from leadlens.init import init
from leadlens.keys import keys
from leadlens.persons import erase, export
from leadlens.points import points
from leadlens.policy import policy
from leadlens.prepare import prepare
from leadlens.promote import promote
from leadlens.quiet import keep_libraries_quiet
from leadlens.recalibrate import recalibrate
from leadlens.replay import replay
from leadlens.rollback import rollback
from leadlens.score import score
from leadlens.serve import serve
from leadlens.simulate import simulate
from leadlens.train import train
from leadlens.verify import verify
from leadlens.worker import worker
from models.errors import ArtifactError

FAILED, REFUSED = 1, 3
"""Exit codes besides 0 (done) and 2 (wrong usage, which Typer says)."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Predictive lead scoring: learn from history which leads convert, and say how likely, and why.

    \b
    A first round:
      leadlens init leads.csv         # a mapping of your files, with a comment on every guess
      leadlens audit                  # which columns know the answer
      leadlens train                  # learn, judge on a later period, register
      leadlens promote                # make that version the one that serves
      leadlens score --leads new.csv --out scores.csv
      leadlens serve                  # the same over HTTP
    Or see it all on generated data: leadlens demo
    """,
)
for command in (
    demo, generate, init, audit, enrich, prepare, points, train, evaluate, backtest, card, explain, promote,
    rollback, recalibrate, simulate, agreement, score, serve, worker, replay, verify,
    doctor,
):  # fmt: skip
    app.command()(command)
app.command("import")(import_history)
app.command()(backup)
app.command()(restore)
app.command()(export)
app.command()(erase)
app.add_typer(keys, name="keys")
app.add_typer(policy, name="policy")
app.command("audit-log")(audit_log)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"leadlens {version('leadlens')}")
        except PackageNotFoundError:
            typer.echo("leadlens, run from its sources")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say the version and leave.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run the command line; what went wrong is said in words, with the exit code that the manual promises."""
    keep_libraries_quiet()
    try:
        app()
    except InputError as problem:
        _leave(str(problem), FAILED)
    except RefusedError as problem:
        _leave(str(problem), REFUSED)
    except ArtifactError as problem:
        remedy = (
            "Copy a version from the registry again: leadlens promote VERSION. Or learn anew: leadlens train"
        )
        _leave(f"{problem}\n{remedy}", FAILED)
    except OSError as problem:
        if problem.strerror is None:  # not the machine's word on a file: a fault of ours, shown as one
            raise
        _leave(f"{problem.filename or 'the machine'}: {problem.strerror}", FAILED)


def _leave(message: str, code: int) -> None:
    sys.stderr.write(f"{message}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
