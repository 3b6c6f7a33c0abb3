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
        Path | None,
        typer.Option(help="The mapping of files whose leads the pages show before the store's."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many processes answer requests. Default: 1", min=1)
    ] = None,
    worker: Annotated[
        bool | None,
        typer.Option(
            "--worker/--no-worker",
            help="Whether to start a worker beside it, which does the work that waits. Default: yes",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve scores and pages until stopped. A key is required; the first is made and its place printed.

    \b
    Examples:
      leadlens serve
      leadlens serve --port 8080 --policy policy.toml
      leadlens serve --workers 4
    """
    from functools import partial

    from leadlens.follower import follow_beside
    from leadlens.terminal import say
    from leadlens.worker import work_beside
    from serving.processes import Program
    from serving.run import serve as run
    from serving.settings import settings_from

    settings = settings_from(
        os.environ,
        home=home,
        host=host,
        port=port,
        policy=policy,
        leads=leads,
        workers=workers,
        worker=worker,
    )
    beside = [Program("worker", partial(work_beside, settings))] if settings.worker else []
    if settings.follow:
        beside.append(Program("follower", partial(follow_beside, settings)))
    run(settings, say=say, beside=beside)
