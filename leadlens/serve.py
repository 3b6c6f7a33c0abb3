"""`leadlens serve`: the service."""

import os
from pathlib import Path
from typing import Annotated

import typer

from leadlens.options import HOME, Home


def serve(
    home: Home = HOME,
    host: Annotated[str | None, typer.Option(help="The address to listen on. Default: 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on. Default: 3000")] = None,
    policy: Annotated[
        Path | None, typer.Option(help="The policy file. Default: policy.toml in the home.")
    ] = None,
    leads: Annotated[
        Path | None, typer.Option(help="The mapping of the files whose leads the pages show.")
    ] = None,
) -> None:
    """Serve scores and pages until stopped. A key is required; the first is made and its place printed.

    \b
    Examples:
      leadlens serve
      leadlens serve --port 8080 --policy policy.toml
    """
    from leadlens.terminal import say
    from serving.run import serve as run
    from serving.settings import settings_from

    run(settings_from(os.environ, home=home, host=host, port=port, policy=policy, leads=leads), say=say)
