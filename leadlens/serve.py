"""`leadlens serve`: the service."""

import os
from pathlib import Path
from typing import Annotated

import typer

from leadlens.options import HOME, Home, SettingsFile


def serve(
    home: Home = HOME,
    host: Annotated[str | None, typer.Option(help="The address to listen on. Default: 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on. Default: 3000")] = None,
    behind_proxy: Annotated[
        bool | None,
        typer.Option(
            "--behind-proxy",
            help="Say that a proxy in front speaks TLS: then other addresses than the loopback are allowed.",
            show_default=False,
        ),
    ] = None,
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
    settings: SettingsFile = None,
) -> None:
    """Serve scores and pages until stopped. A key is required; the first is made and its place printed.

    \b
    Examples:
      leadlens serve
      leadlens serve --port 8080 --policy policy.toml
      leadlens serve --workers 4
      leadlens serve --host 0.0.0.0 --behind-proxy       # a proxy in front speaks TLS
      leadlens serve --settings /etc/leadlens/settings.toml
    """
    from functools import partial

    from leadlens.follower import follow_beside
    from leadlens.shadow import shadow_beside
    from leadlens.terminal import say
    from leadlens.worker import work_beside
    from serving.processes import Program
    from serving.run import serve as run
    from serving.settings import settings_from
    from serving.shadow.offering import shadow_pair

    chosen = settings_from(
        os.environ,
        settings_file=settings,
        home=home,
        host=host,
        port=port,
        behind_proxy=behind_proxy,
        policy=policy,
        leads=leads,
        workers=workers,
        worker=worker,
    )
    beside = [Program("worker", partial(work_beside, chosen))] if chosen.worker else []
    if chosen.follow:
        beside.append(Program("follower", partial(follow_beside, chosen)))
    line = None
    if chosen.shadow_share:
        line, far_end = shadow_pair()
        beside.append(Program("shadow", partial(shadow_beside, chosen, far_end)))
    run(chosen, say=say, beside=beside, shadow=line)
