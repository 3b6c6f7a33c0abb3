"""`leadlens init`: a first mapping, with a comment on every guess."""

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from features.errors import Fault, InputError


def init(
    files: Annotated[list[Path], typer.Argument(help="The company's files, CSV or Parquet.")],
    out: Annotated[Path, typer.Option(help="Where to write the mapping.")] = Path("leadlens.toml"),
    lead_id: Annotated[
        str | None, typer.Option("--id", help="The column of the lead's id.", show_default=False)
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="The column that says who converted.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite a mapping that is there.")] = False,
) -> None:
    """Look at files and write a first mapping. Every guess is explained in it; read it before training.

    \b
    Examples:
      leadlens init leads.csv
      leadlens init leads.csv events.csv deals.csv --out crm.toml
    """
    from features.guessing import guess_mapping
    from leadlens.terminal import say

    missing = [path for path in files if not path.exists()]
    if missing:
        faults = (Fault(str(path), "a file", "no such file", "Correct the path.") for path in missing)
        raise InputError(*faults)
    if out.exists() and not force:
        raise InputError(
            Fault(str(out), "no such file yet", "one", "Choose another with --out, or add --force.")
        )
    # Paths in a mapping file start from its own folder, those of the command line from the current one.
    is_here = out.resolve().parent == Path.cwd()
    text = guess_mapping(files if is_here else [path.resolve() for path in files], label=label, id=lead_id)
    out.write_text(text, encoding="utf-8")
    say(f"{out}: written. Read its comments and correct what is wrong.")
    if "outcomes" not in tomllib.loads(text):
        say("Nothing was found that says which leads converted, and nothing can be learned without it.")
        say("  Name the column with --label COLUMN, give the file of outcomes too, or fill in [outcomes].")
    say(f"Then see which columns know the answer: leadlens audit --config {out}")
    say(f"And learn: leadlens train --config {out}")
