"""Scores what servers offer with the challenger, and keeps figures of how far the two lie apart."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Protocol

from models.score import Unscorable
from serving.places import place_of
from serving.scoring.answers import Answerer
from serving.scoring.requests import RequestReader
from serving.shadow.figures import Tally, keep_compared
from serving.shadow.offering import received
from serving.wire.problems import ProblemError
from serving.wire.strict_json import read_json

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Callable

    from decisions.policy import Policy
    from models.scoring import Scorer
    from serving.conditions import Board
    from serving.settings import Settings
    from serving.shadow.offering import Offered

KEEP_SECONDS = 2.0
LOG_SECONDS = 600.0
LOOK_SECONDS = 1.0

_log = logging.getLogger("leadlens.shadow")


class Challenger(Protocol):
    """Who the challenger is."""

    def version(self) -> int | None:
        """Return the version that is challenger now, None where none is."""
        ...

    def load(self, version: int) -> Scorer:
        """Return the scorer of a version."""
        ...


class Told(Protocol):
    """Who counts what the shadow did."""

    def scored(self, difference_in_points: float, version: int | None) -> None:
        """Note a score of the challenger's `version`, and how far it lies from the champion's."""
        ...


class ShadowScoring:
    """Scores one offered request after another until it is told to stop.

    Whatever the registry or a challenger raises is said on the board, and tried again later; nothing of a
    request is kept, and none of its words are logged.
    """

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        challenger: Challenger,
        board: Board,
        clock: Callable[[], int],
        told: Told | None = None,
    ) -> None:
        self._settings = settings
        self._policy = policy
        self._challenger = challenger
        self._board = board
        self._clock = clock
        self._told = told
        self._answerer: Answerer | None = None
        self._refused: int | None = None
        self._tally: Tally | None = None
        self._pair: tuple[int | None, int | None] | None = None
        self._follow_at = self._keep_at = 0.0
        self._log_at = time.monotonic() + LOG_SECONDS

    def run(self, line: socket.socket, stop: threading.Event) -> None:
        """Score what comes over the line until `stop` is set."""
        while not stop.is_set():
            self.follow(time.monotonic())
            offered = received(line, LOOK_SECONDS)
            if offered is not None:
                self.score(offered)
            self.keep(time.monotonic())
        self.keep(math.inf)

    def follow(self, now: float) -> None:
        """Ask who the challenger is, if it is time, and load another one. `now`: seconds of a clock."""
        if now < self._follow_at:
            return
        self._follow_at = now + max(self._settings.follow_seconds, LOOK_SECONDS)
        version = None
        try:
            version = self._challenger.version()
            if version is None:
                self._answerer = None
                self._board.tell("shadow", "ok", "There is no challenger to score with.")
            elif self._loaded() != version and self._refused != version:
                self._load(version)
            elif self._refused != version:
                self._board.tell("shadow", "ok")
        except Exception as problem:  # noqa: BLE001 - a registry or a challenger that is broken ends no process
            said = f"{type(problem).__name__} at {place_of(problem)}"
            _log.warning("the challenger cannot be followed: %s", said)
            if version is not None:
                self._refused = version
            what = (
                "The registry does not answer" if version is None else f"Version {version} cannot be loaded"
            )
            self._board.tell("shadow", "degraded", f"{what}: {said}. Answers are not touched by it.")

    def score(self, offered: Offered) -> None:
        """Score one request, and count how far the two lie apart."""
        answerer = self._answerer
        if answerer is None:
            return
        challenger = self._score_of(answerer, offered)
        self._tally_of(offered.version, answerer).add(offered.score, challenger)
        if challenger is not None and self._told is not None:
            self._told.scored(challenger - offered.score, answerer.scorer.version)

    def keep(self, now: float) -> None:
        """Write the figures down, if it is time, and say them in the log now and then."""
        if self._tally is None or now < self._keep_at:
            return
        self._keep_at = now + KEEP_SECONDS
        compared = self._tally.compared()
        keep_compared(self._settings.home, compared)
        if now >= self._log_at:
            self._log_at = now + LOG_SECONDS
            _log.info(
                "version %s beside %s: %d scores, %s points on average, share across the threshold %s",
                compared.challenger,
                compared.champion,
                compared.count,
                compared.mean_difference,
                compared.crossing_share,
            )

    def _loaded(self) -> int | None:
        return None if self._answerer is None else self._answerer.scorer.version

    def _load(self, version: int) -> None:
        scorer = self._challenger.load(version)
        reader = RequestReader(
            scorer.mapping,
            event_limit=self._settings.event_limit,
            batch_limit=self._settings.batch_limit_leads,
        )
        self._answerer, self._refused = Answerer(scorer, self._policy, reader), None
        _log.info("scoring beside the champion: version %s", version)
        self._board.tell("shadow", "ok")

    def _score_of(self, answerer: Answerer, offered: Offered) -> int | None:
        try:
            asked = answerer.reader.read(read_json(offered.body), offered.arrived_at)
            [score] = answerer.scores([asked], shown=0)
        except ProblemError:
            return None
        except Exception as problem:  # noqa: BLE001 - a challenger that fails is counted, and ends no process
            said = f"{type(problem).__name__} at {place_of(problem)}"
            self._board.tell("shadow", "degraded", f"The challenger fails: {said}.")
            return None
        return None if isinstance(score, Unscorable) else score.score

    def _tally_of(self, champion: int | None, answerer: Answerer) -> Tally:
        pair = (champion, answerer.scorer.version)
        if self._tally is None or self._pair != pair:
            threshold = self._policy.threshold(answerer.scorer.rung)
            self._tally, self._pair = Tally(*pair, threshold, self._clock()), pair
        return self._tally
