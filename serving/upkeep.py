"""What each server looks at every few seconds, and says on the board: its store, its disk, its worker."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

from serving.jobs.workers import workers_seen
from serving.store.database import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.conditions import Level
    from serving.jobs.workers import WorkersSeen
    from serving.parts import Parts

LOOK_SECONDS = 2.0
WORKERS_EVERY = 5
"""The store is asked about workers in each of so many rounds."""

WORKER_STARTS_US = 30_000_000
"""A worker that starts beside a server has so long to say that it is there."""

MIB = 1024 * 1024
LOW_BYTES, LOW_SHARE = 1024 * MIB, 0.05
FULL_BYTES, FULL_SHARE = 100 * MIB, 0.01
"""A disk is low, or as good as full, with fewer free bytes; on a small disk with less than a share of it."""


class Upkeep:
    """Two threads that look and tell. A store that hangs does not keep the one that says so."""

    def __init__(self, parts: Parts) -> None:
        self._home = parts.settings.home
        self._store = parts.store
        self._keys = parts.keys
        self._board = parts.board
        self._clock = parts.clock
        self._over = threading.Event()
        self._began_at = parts.clock()

    def begin(self) -> None:
        """Start looking, until the process ends or `end` is called."""
        self._keys.watch()
        for look, seconds in (
            (self.look, LOOK_SECONDS),
            (self.look_for_workers, LOOK_SECONDS * WORKERS_EVERY),
        ):
            threading.Thread(
                target=self._run, args=(look, seconds), name="leadlens-upkeep", daemon=True
            ).start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()

    def look(self) -> None:
        """Say how the store, what is known of keys, and the disk are."""
        if not self._keys.store_is_away() and self._store.opened.is_set():
            self._board.tell("store", "ok")
            self._board.tell("keys", "ok")
        else:
            self._board.tell("store", "failed", STORE_AWAY)
            self._board.tell("keys", "degraded", KEYS_REMEMBERED)
        try:
            usage = shutil.disk_usage(self._home)
        except OSError:
            self._board.tell("disk", "failed", "The home cannot be looked at. Check that its disk is there.")
            return
        self._board.tell("disk", *disk_level(usage.total, usage.free))

    def look_for_workers(self) -> None:
        """Say whether a worker does what waits. A store that is away says nothing about that."""
        now = self._clock()
        try:
            with self._store.reading() as connection:
                seen = workers_seen(connection, now)
        except StoreBusyError:
            return
        if seen.alive or now - self._began_at > WORKER_STARTS_US:
            self._board.tell("worker", *worker_level(seen, now))

    def _run(self, look: Callable[[], None], seconds: float) -> None:
        while not self._over.wait(seconds):
            look()


STORE_AWAY = (
    "The store does not answer. Scores go on with the keys that are known; what needs the store is refused. "
    "Start the database, or make its file readable: nothing here has to be restarted."
)
KEYS_REMEMBERED = "Keys count as the store told of them last, and for what needs no store, until it is back."


def disk_level(total: int, free: int) -> tuple[Level, str]:
    """Return how a disk is with so many bytes in all and free, and what to say of it.

    >>> [disk_level(total * MIB, 90 * MIB)[0] for total in (1_000, 8_000, 500_000)]
    ['ok', 'degraded', 'failed']
    """
    if free < min(FULL_BYTES, total * FULL_SHARE):
        return (
            "failed",
            f"{free // MIB} MiB are free on the home's disk. Make room: soon nothing can be kept.",
        )
    if free < min(LOW_BYTES, total * LOW_SHARE):
        return "degraded", f"{free // MIB} MiB are free on the home's disk. Make room before it is full."
    return "ok", ""


def worker_level(seen: WorkersSeen, now: int) -> tuple[Level, str]:
    """Return how the workers are, and what to say of them."""
    if seen.alive:
        return "ok", ""
    if seen.newest_at is None:
        return "degraded", "No worker runs, so that what waits is not done. Start one: leadlens worker"
    seconds = max(0, now - seen.newest_at) // 1_000_000
    said = f"No worker has said anything for {seconds} s: it ended, or hangs. What waits is not done. "
    return "failed", f"{said}Look into its log; end one that hangs, and serve starts another."
