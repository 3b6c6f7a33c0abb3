"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Home = Annotated[
    Path,
    typer.Option(envvar="LEADLENS_HOME", help="The folder of all that LeadLens keeps.", show_default=True),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        envvar="LEADLENS_SETTINGS",
        help="The file of settings. Default: settings.toml in the home.",
        show_default=False,
    ),
]
Version = Annotated[
    int | None,
    typer.Argument(help="The version. Default: the challenger, else the champion.", show_default=False),
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
LeadId = Annotated[
    str | None,
    typer.Option("--id", help="With --leads: the column of the lead's id.", show_default=False),
]
Label = Annotated[
    str | None,
    typer.Option(help="With --leads: the column that says who converted.", show_default=False),
]
PreparedFolder = Annotated[
    Path | None,
    typer.Option(help="Instead of files: what leadlens prepare has written.", show_default=False),
]
EngineName = Annotated[
    Literal["local", "dask"], typer.Option(help="Where to work: here, or on a Dask cluster.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="With --engine dask: the address of its scheduler. Default: workers on this machine.",
        show_default=False,
    ),
]

GREATEST_SEED = 2**31 - 1
"""LightGBM's seeds are integers of 32 bits with a sign, and a search adds the number of its trial."""

HOME = Path(".leadlens")
"""The home where nothing else is said."""
