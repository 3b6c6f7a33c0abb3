"""Where answered requests are noted. Noting costs next to nothing; what is made of it is made later."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from serving.logs import ACCESS
from serving.places import place_of
from serving.telemetry.access_lines import fields_of, json_lines, message_of, text_lines
from serving.telemetry.counting import count_served
from serving.telemetry.definitions import LINES_DROPPED, LOOP_DELAY
from serving.telemetry.kept_tally import KeptTally, newest
from serving.telemetry.line_writer import LineWriter
from serving.telemetry.loop_delay import LoopDelay
from serving.telemetry.places import Found, Place, figures_in, take_place
from serving.telemetry.process_figures import process_figures
from serving.telemetry.tally import Tally, read_tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

    from serving.settings import Settings
    from serving.telemetry.definitions import Metric
    from serving.telemetry.served import Served
    from serving.telemetry.traces import Traces

Told: TypeAlias = "tuple[Metric, tuple[str, ...], float]"
"""A gauge of this process: its metric, its labels but for the first, which is `program`, and its value."""

ROUND_SECONDS = 0.2
ASK_SECONDS = 2.0
AT_ONCE = 512
"""So many requests are told of at once. Then those who answer have the interpreter again, which was held for
about a millisecond. With fewer at once the threads would change places more often, and find cold caches."""

REST_SECONDS = 0.001
MOST_WAITING = 50_000
"""Where more requests wait, nobody comes to take them, and who answers counts them without their lines."""

_access = logging.getLogger(ACCESS)
_log = logging.getLogger("leadlens.telemetry")


class Telemetry:
    """Takes note of requests, and makes log lines, figures and traces of them in a thread of its own.

    Until it is started, and without settings, each request is told at once, through `logging`. Once it runs,
    it does so five times a second and when it stops; a process that is killed loses what it noted within
    the last fifth of a second. Figures are never left out; lines and traces are where they cannot be
    written fast enough, and that is counted. Any number of threads may use it.
    """

    def __init__(self, settings: Settings | None = None, program: str = "server") -> None:
        self.program = program
        self.loop_delay = LoopDelay()
        self._settings = settings
        self._waiting: deque[Served] = deque()
        self._most_waiting = 0  # each is told at once until there is a thread that does
        self._tally = Tally()
        self._asked: list[Callable[[], Iterable[Told]]] = [process_figures]
        self._lock = threading.Lock()
        self._place: Place | None = None
        self._kept: KeptTally | None = None
        self._kept_content = b""
        self._is_kept = True
        self._lines: Callable[[Iterable[Served]], str] = text_lines
        self._writer: LineWriter | None = None
        self._traces: Traces | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def served(self, one: Served) -> None:
        """Note a request that was answered."""
        waiting = self._waiting
        waiting.append(one)
        if len(waiting) > self._most_waiting:
            self._tell_all(with_lines=self._most_waiting == 0)

    def count(self, metric: Metric, labels: tuple[str, ...] = (), more: float = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._tally.count(metric, labels, more)

    def observe(self, metric: Metric, labels: tuple[str, ...], value: float) -> None:
        """Add a value to a histogram."""
        with self._lock:
            self._tally.observe(metric, labels, [value])

    def ask(self, gauges: Callable[[], Iterable[Told]]) -> None:
        """Have gauges asked for every few seconds, from another thread. They must not wait for anything."""
        self._asked.append(gauges)

    def figures(self) -> list[Found]:
        """Return the figures of this process up to now, and of the others of its home as they kept them."""
        self._tell_all()
        self._look()
        with self._lock:
            mine = Found(self.program, read_tally(self._tally.written()), runs=True)
        home = None if self._settings is None else self._settings.home
        return [mine, *([] if home is None else figures_in(home, but=self.program if self._place else ""))]

    @contextmanager
    def running(self, stream: TextIO | None = None) -> Iterator[None]:
        """Tell from a thread while the block lasts, lines to `stream` (standard error)."""
        self.start(stream)
        try:
            yield
        finally:
            self.stop()

    def start(self, stream: TextIO | None = None) -> None:
        """Take a place in the home, go on counting where a process that had it ended, and begin to tell."""
        settings = self._settings
        if settings is not None:
            self._settle(settings)
        if settings is not None and settings.log_format == "json":
            self._lines = json_lines(self.program)
        self._writer = LineWriter(stream or sys.stderr)
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._most_waiting = MOST_WAITING
        self._thread.start()

    def stop(self) -> None:
        """Tell what is left, and end."""
        if self._thread is None:
            return
        self._over.set()
        self._thread.join()
        self._thread = None
        self._most_waiting = 0
        self._round()
        if self._traces is not None:
            self._traces.stop()
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
        self._keep()
        if self._place is not None:
            self._place.leave()
            self._place = self._kept = None

    def _settle(self, settings: Settings) -> None:
        try:
            self._place = take_place(settings.home, self.program)
            self._kept = KeptTally(self._place.descriptor)
            content = newest(self._place.descriptor)
        except OSError as problem:
            _log.warning(
                "Figures of this process are not kept, and other processes do not show them: %s", problem
            )
            return
        self.program = self._place.program
        try:
            before = read_tally(content) if content else Tally()
        except ValueError:
            return  # of another release
        with self._lock:
            self._tally.add(before)

    def _run(self) -> None:
        self._trace()
        asked_at = 0.0
        while not self._over.wait(ROUND_SECONDS):
            try:
                if time.monotonic() - asked_at >= ASK_SECONDS:
                    asked_at = time.monotonic()
                    self._look()
                self._round()
                self._keep()
            except Exception as problem:  # noqa: BLE001 - telling must go on, whatever one round ran into
                _log.error("%s at %s", type(problem).__name__, place_of(problem))

    def _trace(self) -> None:
        settings = self._settings
        if settings is not None and settings.traces_endpoint is not None:
            from serving.telemetry.traces import Traces  # noqa: PLC0415 - OpenTelemetry: only where it is wanted

            self._traces = Traces(settings.traces_endpoint, settings.traces_share, self)

    def _round(self) -> None:
        """Tell of what waits, a little at a time."""
        while self._tell_some(with_lines=True):
            time.sleep(REST_SECONDS)
        late = self.loop_delay.taken()
        if late:
            with self._lock:
                self._tally.observe(LOOP_DELAY, (), late)

    def _tell_all(self, *, with_lines: bool = True) -> None:
        while self._tell_some(with_lines=with_lines):
            pass

    def _tell_some(self, *, with_lines: bool) -> bool:
        """Tell of some requests, in the order in which they were noted. Returns whether more of them wait."""
        with self._lock:
            waiting = self._waiting
            some = [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]
            if not some:
                return False
            count_served(self._tally, some)
            if not (with_lines and self._write(some)):
                self._tally.count(LINES_DROPPED, (), len(some))
        if self._traces is not None:
            self._traces.offer(some)
        return bool(waiting)

    def _write(self, some: list[Served]) -> bool:
        if self._writer is not None:
            return self._writer.take(self._lines(some)) if _access.isEnabledFor(logging.INFO) else True
        for one in some:
            _access.info(message_of(one), extra=fields_of(one))
        return True

    def _look(self) -> None:
        """Ask for the gauges of this process, and forget those of before."""
        found = [told for gauges in self._asked for told in gauges()]
        with self._lock:
            self._tally.said.clear()
            for metric, labels, value in found:
                self._tally.say(metric, (self.program, *labels), value)

    def _keep(self) -> None:
        """Let other processes see the figures. A disk without room is said once; they are kept later."""
        if self._kept is None:
            return
        with self._lock:
            content = self._tally.written()
        if content == self._kept_content:
            return
        try:
            self._kept.write(content)
        except OSError as problem:
            if self._is_kept:
                _log.warning("Figures of this process are not kept for now: %s", problem)
            self._is_kept = False
        else:
            self._kept_content, self._is_kept = content, True
