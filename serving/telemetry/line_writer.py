"""Writes lines to a stream in a thread of its own: a reader that is slow keeps nobody waiting."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

MOST_CHARACTERS = 4_000_000
"""So much may wait to be written, ten thousand lines and more; what comes then is left out."""

STOP_SECONDS = 5


class LineWriter:
    """Takes blocks of lines and writes them one after the other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._characters = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._write, name="access log", daemon=True)
        self._thread.start()

    def take(self, block: str) -> bool:
        """Take lines to be written. Returns whether there was room for them."""
        with self._lock:
            if self._characters + len(block) > MOST_CHARACTERS:
                return False
            self._characters += len(block)
        self._waiting.put(block)
        return True

    def stop(self) -> None:
        """Write what waits, and end; a stream that does not move is given up after STOP_SECONDS."""
        self._waiting.put(None)
        self._thread.join(STOP_SECONDS)

    def _write(self) -> None:
        while (block := self._waiting.get()) is not None:
            try:
                self._stream.write(block)
                self._stream.flush()
            except (
                OSError,
                ValueError,
            ):  # a closed pipe, a full disk: no reason to end
                pass
            with self._lock:
                self._characters -= len(block)
