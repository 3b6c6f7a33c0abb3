"""Asking the store about keys beside the event loop, which waits for no database."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from serving.access.key import id_in
from serving.store.reach import StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.access.key import Key
    from serving.access.key_ring import KeyRing

T = TypeVar("T")

LOOK_UPS = 8
"""So many keys are looked up at once; the others wait in line."""

SUSPECT_LOOK_UPS = 1
"""Of callers that were wrong too often: they wait for one another, and nobody waits for them."""

WAIT_SECONDS = 5.0


class LookUps:
    """Finds keys: at once where they were read a moment ago, else in threads of its own.

    A look-up that gets no answer within `wait_seconds` is given up, and raises StoreAwayError; its thread is
    free again when the database's own limits end it.
    """

    def __init__(self, keys: KeyRing, wait_seconds: float = WAIT_SECONDS) -> None:
        self._keys = keys
        self._wait_seconds = wait_seconds
        self._threads = ThreadPoolExecutor(LOOK_UPS, "leadlens-keys")
        self._read_again: dict[str, Future[Any]] = {}
        self._suspects = ThreadPoolExecutor(SUSPECT_LOOK_UPS, "leadlens-suspects")

    async def verify(self, text: str, *, suspect: bool = False) -> Key | None:
        """Return the active key that `text` is, or None."""
        key_id = id_in(text)
        return None if key_id is None else self._keys.matching(text, await self._row(key_id, suspect=suspect))

    def at_hand(self, text: str) -> Key | None:
        """Return the active key that `text` is, where it was read a moment ago; waits for nothing.

        It is read again behind the caller's back before that moment is over. Where that fails the key is not
        at hand any more, and who asks for it hears why.
        """
        found = self._keys.at_hand(text)
        if found is None:
            return None
        key, is_aging = found
        if is_aging and ((before := self._read_again.get(key.id)) is None or before.done()):
            self._read_again[key.id] = self._threads.submit(self._keys.read, key.id)
        return key

    def knew(self, text: str) -> bool:
        """Return whether the text was a key's when that was last read here. It may have ended since."""
        return self._keys.was_read(text)

    async def find(self, key_id: str) -> Key | None:
        """Return the active key of this id, or None: for sessions, which remember the id alone."""
        row = await self._row(key_id, suspect=False)
        return None if row is None else self._keys.active(row)

    async def find_session(self, session_id: str, key_id: str) -> Key | None:
        """Return the active key of a session that was not ended, or None."""
        is_over = await self._waited(self._threads, self._keys.session_is_over, session_id)
        return None if is_over else await self.find(key_id)

    async def _row(self, key_id: str, *, suspect: bool) -> Any:
        row = self._keys.fresh(key_id)
        if row is not None:
            return row
        threads = self._suspects if suspect else self._threads
        return await self._waited(threads, self._keys.read, key_id)

    async def _waited(self, threads: ThreadPoolExecutor, read: Callable[[str], T], asked: str) -> T:
        """Return what is read in one of the threads. Raises StoreAwayError where it takes too long."""
        reading = asyncio.get_running_loop().run_in_executor(threads, read, asked)
        limit = asyncio.timeout(self._wait_seconds)
        try:
            async with limit:
                return await reading
        except TimeoutError as problem:
            if not limit.expired():
                raise
            raise StoreAwayError(
                "the store did not say in time what it knows of a key or a session"
            ) from problem
