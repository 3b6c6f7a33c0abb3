"""Asking the store about known keys behind the requests' backs, so that none of them waits for it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.database import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from serving.access.key_memory import KeyMemory
    from serving.access.known_keys import KnownKey, KnownKeys

ALL_SECONDS = 15.0
"""All known keys are asked about so often: one that is revoked is known as such though nobody uses it."""

AWAY_SECONDS = 1.0
"""So long after a store did not answer it is asked again."""


class KeyRefresh:
    """A thread that reads keys again where `ask` was told to, and all of them now and then.

    `read` asks the store. What is known is kept in `memory`, if there is one, for processes to come.
    """

    def __init__(
        self, read: Callable[[Collection[str]], list[KnownKey]], memory: KeyMemory | None = None
    ) -> None:
        self._read = read
        self._memory = memory
        self._known: KnownKeys | None = None
        self._wanted: set[str] = set()
        self._told = threading.Event()
        self._over = False
        self._begun = threading.Lock()
        self._thread: threading.Thread | None = None
        self._all_at = 0.0

    def keeps(self, known: KnownKeys) -> None:
        """Say what is to be kept fresh; it learns what the memory holds."""
        self._known = known
        if self._memory is not None:
            known.learn(self._memory.load())

    def ask(self, key_id: str) -> None:
        """Have a key read soon. Costs a request nothing."""
        if key_id not in self._wanted:
            self._wanted.add(key_id)
            self._told.set()
            self.begin()

    def begin(self) -> None:
        """Start the thread, unless it runs."""
        if self._thread is not None or self._over:
            return
        with self._begun:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leadlens-keys", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Stop the thread, and keep what is known."""
        self._over = True
        self._told.set()
        if self._thread is not None:
            self._thread.join(timeout=AWAY_SECONDS)

    def _run(self) -> None:
        known = self._known
        assert known is not None  # noqa: S101 - `keeps` is called before anything is asked
        while not self._over:
            if known.is_away():
                time.sleep(AWAY_SECONDS)
            else:
                self._told.wait(ALL_SECONDS)
            self._told.clear()
            self._look(known)
        self._keep(known)

    def _look(self, known: KnownKeys) -> None:
        asked = self._asked(known)
        known.asked()
        try:
            found = self._read(asked)
        except (StoreBusyError, sa.exc.SQLAlchemyError):
            known.failed()
            return
        known.told(asked, found)
        self._keep(known)

    def _asked(self, known: KnownKeys) -> set[str]:
        asked, self._wanted = self._wanted, set()
        if time.monotonic() >= self._all_at:
            self._all_at = time.monotonic() + ALL_SECONDS
            asked |= {one.key.id for one in known.everything()}
        return asked

    def _keep(self, known: KnownKeys) -> None:
        if self._memory is not None:
            self._memory.keep(known.everything())
