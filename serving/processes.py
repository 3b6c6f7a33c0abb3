"""Child processes of the service: started, started again when they die, and stopped with their parent."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess
    from types import FrameType

STOP_SECONDS = 15
"""So long a process may take to finish what it has begun; then it is killed."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_log = logging.getLogger("leadlens.processes")


@dataclass(frozen=True, slots=True)
class Program:
    """What a child process runs. `run` is a function of a module, or a partial one, with plain arguments."""

    name: str
    run: Callable[[], None]


@dataclass(slots=True)
class _Child:
    """One place for a process, and the processes that take it, one after the other."""

    program: Program
    process: BaseProcess | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS

    def start(self, now: float) -> None:
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=self.program.run, name=self.program.name)
        self.process.start()
        self.started_at = now

    def look(self, now: float) -> None:
        """Start what is to be started; note what has died. Seconds of a clock that is never set back."""
        if self.process is None:
            if now >= self.starts_at:
                self.start(now)
            return
        if self.process.is_alive():
            return
        if now - self.started_at >= HEALTHY_SECONDS:
            self.pause_seconds = FIRST_PAUSE_SECONDS
        code = self.process.exitcode
        _log.warning(
            "%s ended with code %s and starts again in %g s", self.program.name, code, self.pause_seconds
        )
        self.process.close()
        self.process = None
        self.starts_at = now + self.pause_seconds
        self.pause_seconds = min(2 * self.pause_seconds, LONGEST_PAUSE_SECONDS)


@dataclass(slots=True)
class Children:
    """Keeps a process running for each program until it is told to stop; before it ends them it says so."""

    programs: Sequence[Program]
    stop: threading.Event = field(default_factory=threading.Event)
    before_the_end: Callable[[], object] = bool

    def keep(self) -> None:
        """Start the processes, start anew those that die, and end them all once `stop` is set."""
        children = [_Child(program) for program in self.programs]
        while not self.stop.is_set():
            for child in children:
                child.look(time.monotonic())
            self.stop.wait(_LOOK_SECONDS)
        self.before_the_end()
        _end([child.process for child in children if child.process is not None])


@contextmanager
def kept(programs: Sequence[Program]) -> Iterator[None]:
    """Keep processes running, from a thread, as long as the block lasts. No thread looks after none."""
    if not programs:
        yield
        return
    children = Children(programs)
    thread = threading.Thread(target=children.keep, name="children")
    thread.start()
    try:
        yield
    finally:
        children.stop.set()
        thread.join()


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGTERM, SIGINT and SIGHUP set instead of ending the process, in this block.

    SIGHUP comes where a terminal is closed; nohup has it ignored, and then it stays so.
    """
    told = threading.Event()

    def note(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    heeded = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        heeded.append(signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in heeded}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_with_parent(stop: Callable[[], object]) -> None:
    """In a child process: call `stop` when the parent is gone, however it ended, and leave soon after.

    The parent holds one end of a pipe, which the system closes when it dies, also by a kill.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        stop()
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            _log.warning("%s did not stop within %d seconds and is killed", process.name, STOP_SECONDS)
            process.kill()
            process.join()
