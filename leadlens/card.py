"""`leadlens card`: the model card of a version, made from its artifact."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from features.errors import Fault, InputError
from leadlens.options import HOME, Home, Version

FORMS = (".md", ".html")


def card(
    version: Version = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write, a page (.html) or Markdown (.md). Default: print Markdown.",
            show_default=False,
        ),
    ] = None,
    home: Home = HOME,
) -> None:
    """Show the model card of a version.

    What it is for, what it learned from, what was found on rows that it had not seen, and where it is weak;
    made from the version's artifact alone.

    \b
    Examples:
      leadlens card                         # the newest version, as Markdown
      leadlens card 3 --out card.html       # one page with plots, to read, send or print
    """
    from leadlens.terminal import say
    from models.registry import home_registry
    from training.reports.card import card_of

    if out is not None and out.suffix.lower() not in FORMS:
        raise InputError(
            Fault("--out", "a file that ends in .html or .md", str(out), "Choose one of the two.")
        )
    registry = home_registry(home, os.environ)
    chosen = registry.chosen(version, to="show")
    with TemporaryDirectory() as folder:
        made = card_of(registry.fetch(chosen, Path(folder) / "artifact"), version=chosen.version)
    if out is None:
        say(made.markdown.rstrip("\n"))
        return
    text = made.html if out.suffix.lower() == ".html" else made.markdown
    out.write_text(text, encoding="utf-8", newline="\n")
    say(f"{out}: the card of version {chosen.version} of '{chosen.name}'")
