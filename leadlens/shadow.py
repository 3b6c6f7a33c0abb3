"""The process beside `leadlens serve` that scores requests with the challenger too."""

from __future__ import annotations

import logging
import os
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from models.scoring import Scorer
    from serving.settings import Settings

FOLDER = "shadow"
NICENESS = 10
"""Whoever answers has the processors first."""


def shadow_beside(settings: Settings, line: socket.socket) -> None:
    """Score what servers offer over `line`, as their child, until they say so or are gone."""
    from leadlens.quiet import give_up_soon, keep_libraries_quiet
    from serving.clock import utc_now
    from serving.conditions import Board
    from serving.logs import configure_logs
    from serving.parts import policy_of
    from serving.processes import stop_with_parent, told_to_stop
    from serving.shadow.scoring import ShadowScoring
    from serving.telemetry.shadow_figures import ShadowFigures
    from serving.telemetry.telemetry import Telemetry

    with told_to_stop() as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server too, which then says so
        stop_with_parent(stop.set)
        configure_logs(settings, "shadow")
        os.nice(NICENESS)
        keep_libraries_quiet()
        give_up_soon()
        board = Board(settings.home, "shadow", utc_now)
        challenger = InRegistry(settings.home)
        telemetry = Telemetry(settings, "shadow")
        figures = ShadowFigures(telemetry)
        with telemetry.running():
            ShadowScoring(settings, policy_of(settings), challenger, board, utc_now, figures).run(line, stop)
    logging.getLogger("leadlens.shadow").info("stopped, as it was told to")


@dataclass(frozen=True, slots=True)
class InRegistry:
    """The challenger that a home's registry names, copied into a folder of the shadow's own."""

    home: Path

    def version(self) -> int | None:
        """Return the version that is challenger now. Raises InputError where the registry does not answer."""
        from models.registry import CHALLENGER, home_registry

        found = home_registry(self.home, os.environ).aliased(CHALLENGER)
        return None if found is None else found.version

    def load(self, version: int) -> Scorer:
        """Return the scorer of a version, from a fresh copy; copies of others are removed."""
        from models.artifact import load_scorer
        from models.registry import home_registry

        registry = home_registry(self.home, os.environ)
        folder = self.home / FOLDER / f"v{version}"
        registry.fetch(registry.version(version), folder)
        scorer = load_scorer(folder, version=version)
        for other in folder.parent.iterdir():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        return scorer
