"""The follower: the process beside a server that asks the registry which version is champion.

It is the one that imports MLflow, checks artifacts and writes their tables, so that no process that answers
ever does.
"""

from __future__ import annotations

import logging
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

    from leadlens.following import Following
    from models.preparing_apart import Preparer
    from serving.settings import Settings

NICENESS = 10
FIRST_LOOK_SECONDS = 1.0
"""The server that starts beside it has the machine first."""

TELL_SECONDS = 10.0
"""The board forgets what is not said again for a minute."""


def follow_beside(settings: Settings) -> None:
    """Follow as the child of a server, until it says so or is gone."""
    from serving.processes import stop_with_parent, told_to_stop

    with told_to_stop() as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server too, which then says so
        stop_with_parent(stop.set)
        follow(settings, stop)


def follow(settings: Settings, stop: threading.Event) -> None:
    """Follow the registry's champion until `stop` is set. Raises InputError where the home cannot be used."""
    from leadlens.following import Following
    from leadlens.quiet import give_up_soon, keep_libraries_quiet
    from models.preparing_apart import Preparer
    from models.registry import home_registry
    from serving.clock import utc_now
    from serving.conditions import Board
    from serving.jobs.retention import retained_versions
    from serving.logs import configure_logs
    from serving.telemetry.definitions import VERSIONS_REFUSED
    from serving.telemetry.telemetry import Telemetry

    configure_logs(settings, "follower")
    logging.getLogger("leadlens").setLevel(logging.INFO)
    os.nice(NICENESS)
    keep_libraries_quiet()
    give_up_soon()
    registry = home_registry(settings.home, os.environ)
    preparer = Preparer(stop)
    board = Board(settings.home, "follower", utc_now)
    telemetry = Telemetry(settings, "follower")
    following = Following(
        settings,
        registry,
        preparer,
        board,
        retained_versions,
        on_refusal=partial(telemetry.count, VERSIONS_REFUSED),
    )
    try:
        with telemetry.running():
            _follow(following, preparer, settings.follow_seconds, stop)
    finally:
        preparer.close()
    logging.getLogger("leadlens.follower").info("stopped, as it was told to")


def _follow(following: Following, preparer: Preparer, seconds: float, stop: threading.Event) -> None:
    since_look = seconds
    pause = FIRST_LOOK_SECONDS
    while not stop.wait(pause):
        pause = min(seconds, TELL_SECONDS)
        since_look += pause
        if since_look >= seconds:
            following.look()
            since_look = 0.0
            if following.has_champion:
                preparer.keep_ready()
        else:
            following.tell()
