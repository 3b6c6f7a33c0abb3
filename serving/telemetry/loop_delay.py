"""How late the event loop is: what a request waits for before anybody looks at it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

LOOK_SECONDS = 0.1
MOST = 1_000


class LoopDelay:
    """Asks a loop ten times a second to be called back, and notes by how many seconds it was late."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=MOST)

    def watch(self, loop: AbstractEventLoop) -> None:
        """Watch a loop, from its own thread, until it is closed."""
        due = loop.time() + LOOK_SECONDS
        loop.call_at(due, self._look, loop, due)

    def taken(self) -> list[float]:
        """Return what was noted since the last time, in seconds."""
        return [self._late.popleft() for _ in range(len(self._late))]

    def _look(self, loop: AbstractEventLoop, due: float) -> None:
        self._late.append(max(0.0, loop.time() - due))
        self.watch(loop)
