"""A shadow whose challenger is the fake scorer, of the version that a file in the home names."""

import socket
from dataclasses import dataclass
from pathlib import Path

from fake_scorer import DATED, FakeScorer

from decisions.policy import Policy
from features.mapping import mapping_from
from serving.clock import utc_now
from serving.conditions import Board
from serving.logs import configure_logs
from serving.processes import stop_with_parent, told_to_stop
from serving.settings import Settings
from serving.shadow.scoring import ShadowScoring

CHALLENGER = "challenger"


@dataclass(frozen=True)
class FakeChallenger:
    home: Path

    def version(self) -> int | None:
        place = self.home / CHALLENGER
        return int(place.read_text()) if place.exists() else None

    def load(self, version: int) -> FakeScorer:
        if (self.home / "damaged").exists():
            raise ValueError("checksum of lead L-1")
        scorer = FakeScorer(mapping_from(DATED))
        scorer.version = version
        return scorer


def scoring(home: Path) -> ShadowScoring:
    settings = Settings(home=home, follow_seconds=0.01)
    return ShadowScoring(settings, Policy(), FakeChallenger(home), Board(home, "shadow", utc_now), utc_now)


def run(home: Path, line: socket.socket) -> None:
    with told_to_stop() as stop:
        configure_logs()
        stop_with_parent(stop.set)
        scoring(home).run(line, stop)
