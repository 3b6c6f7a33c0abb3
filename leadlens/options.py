"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path,
    typer.Option(envvar="LEADLENS_HOME", help="The folder of all that LeadLens keeps.", show_default=True),
]
Config = Annotated[
    Path | None,
    typer.Option(help="The mapping. Default: leadlens.toml in the current folder.", show_default=False),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="The folder that the mapping's paths start from. Default: that of the mapping.",
        show_default=False,
    ),
]
Leads = Annotated[Path | None, typer.Option(help="A file of leads, CSV or Parquet.", show_default=False)]

HOME = Path(".leadlens")
"""The home where nothing else is said."""
