"""`leadlens backup` and `leadlens restore`: all that a home keeps, as a folder, and back again."""

from pathlib import Path
from typing import Annotated

import typer

from features.counted import counted
from leadlens.options import HOME, Home


def backup(
    out: Annotated[
        Path, typer.Option(help="The folder to write: it must not be there yet; those above it are made.")
    ],
    home: Home = HOME,
) -> None:
    """Write a backup while the service runs.

    The store, the champion, the policy, the registry and the score jobs. It is checked before it counts. It
    holds what is known of people: keep it as you keep the store.

    \b
    Examples:
      leadlens backup --out /backups/2026-11-25
    """
    from leadlens.stored import open_whole_home
    from leadlens.terminal import say, working
    from serving.backup import make_backup
    from serving.clock import utc_now

    with open_whole_home(home) as store, working() as report:
        made = make_backup(store, home, out, utc_now(), report=report)
    size = f"{made.size / 1e6:,.1f} MB"
    said = f"{counted(made.files, 'file')}, {size}, {counted(made.tables['leads'], 'lead')}"
    say(f"{out}: {said}; opened, counted, and its ledger verified")


def restore(
    folder: Annotated[Path, typer.Argument(help="What leadlens backup has written.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there; a home is moved aside.")
    ] = False,
    home: Home = HOME,
) -> None:
    """Put a backup into an empty home.

    Stop the service first: while one runs, this is refused. With LEADLENS_STORE_URL the store goes into
    that PostgreSQL, wherever it was.

    \b
    Examples:
      leadlens restore /backups/2026-11-25
      leadlens restore /backups/2026-11-25 --home other --force
    """
    import os

    from leadlens.terminal import say, working
    from serving.backup import restore_backup
    from serving.clock import utc_now
    from serving.settings import settings_from

    settings = settings_from(os.environ, home=home)
    with working() as report:
        done = restore_backup(
            folder, settings.home, settings.store_url, utc_now(), force=force, report=report
        )
    files, leads = len(done.manifest.files), done.manifest.tables["leads"]
    said = f"{counted(files, 'file')} and {counted(leads, 'lead')}"
    say(f"{settings.home}: {said} restored from {folder}")
    if done.before is not None:
        say(f"{done.before}: the home that was there. Remove it once it is not needed.")
