"""The worker: does the rounds of its jobs, again and again, and survives their errors."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from serving.places import place_of
from serving.store.database import StoreBusyError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

POLL_SECONDS = 0.3
SECOND_US = 1_000_000
LONGEST_PAUSE_US = 60 * SECOND_US

_log = logging.getLogger("leadlens.worker")


class Job(Protocol):
    """One kind of work that waits."""

    @property
    def name(self) -> str:
        """What it is called in the log."""
        ...

    def step(self, now: int) -> bool:
        """Do one short round at `now` (microseconds UTC), and return whether there was work."""
        ...


@dataclass(slots=True)
class _Pause:
    """How often in a row a job failed, and until when it is left alone."""

    failures: int = 0
    until: int = 0


@dataclass(slots=True)
class Worker:
    """Does its jobs by turns. `clock` says what time it is, in microseconds UTC.

    A job that fails is left alone for a while, twice as long each time and a minute at most; the others go
    on. The log says what failed and where, never an exception's message, which may hold personal data.
    """

    jobs: Sequence[Job]
    clock: Callable[[], int]
    _pauses: dict[str, _Pause] = field(default_factory=dict)

    def step(self, now: int) -> bool:
        """Do one round of every job, and return whether there was work."""
        return any([self._did(job, now) for job in self.jobs])  # noqa: C419 - every job has its turn

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the round under way is finished."""
        while not stop.is_set():
            if not self.step(self.clock()):
                stop.wait(POLL_SECONDS)

    def _did(self, job: Job, now: int) -> bool:
        pause = self._pauses.setdefault(job.name, _Pause())
        if now < pause.until <= now + LONGEST_PAUSE_US:  # or the clock was set back
            return False
        try:
            worked = job.step(now)
        except Exception as problem:  # noqa: BLE001 - whatever one job raises, the others go on
            pause.failures += 1
            pause.until = now + min(SECOND_US << min(pause.failures - 1, 10), LONGEST_PAUSE_US)
            self._say(job, problem)
            return False
        pause.failures = 0
        return worked

    def _say(self, job: Job, problem: Exception) -> None:
        if isinstance(problem, StoreBusyError):
            _log.warning("%s: the store is held by others", job.name)
        else:
            _log.error("%s: %s at %s", job.name, type(problem).__name__, place_of(problem))


def is_dead(name: str) -> bool:
    """Whether a name that `new_name` gave is that of a process of this machine that is no more.

    Of another machine's it is never said. Where two machines have one name, a living one may be taken for
    dead: the two then do some work twice, which harms nothing.

    >>> is_dead(new_name())
    False
    """
    host, _, rest = name.partition(":")
    process, _, _ = rest.partition(":")
    if host != socket.gethostname()[:20] or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def new_name() -> str:
    """Return a name for one thread that claims work: at most 40 characters, and like no other.

    >>> 1 <= len(new_name()) <= 40
    True
    """
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(4)}"
