"""Asking the store about keys beside the event loop, which waits for no database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from serving.access.key import id_in
from serving.access.known_keys import PATIENCE_SECONDS
from serving.store.reach import StoreAwayError, StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.access.key import Key
    from serving.access.key_ring import KeyRing
    from serving.access.known_keys import KnownKey

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
        self._suspects = ThreadPoolExecutor(SUSPECT_LOOK_UPS, "leadlens-suspects")

    async def verify(self, text: str, *, suspect: bool = False) -> Key | None:
        """Return the active key that `text` is, or None.

        Where the store is away it is the key as it was told last, marked as remembered, if it still counts.
        """
        key_id = id_in(text)
        if key_id is None:
            return None
        at_hand = self.at_hand(text)
        if at_hand is not None:
            return at_hand
        remembered = self._keys.remembered(text)
        seconds = self._wait_seconds if remembered is None else min(PATIENCE_SECONDS, self._wait_seconds)
        try:
            known = await self._known(key_id, suspect=suspect, seconds=seconds)
        except StoreBusyError:
            if remembered is None:
                raise
            return remembered
        return self._keys.matching(text, known)

    def at_hand(self, text: str) -> Key | None:
        """Return the active key that `text` is where that is known at once; waits for nothing."""
        return self._keys.at_hand(text, self._keys.now())

    async def ask(self, text: str) -> Key | None:
        """Return the active key that `text` is, or None, as the store says, and not by memory."""
        key_id = id_in(text)
        if key_id is None:
            return None
        return self._keys.matching(text, await self._known(key_id, suspect=False, seconds=self._wait_seconds))

    def knew(self, text: str) -> bool:
        """Return whether the text was a key's when that was last read here. It may have ended since."""
        return self._keys.was_read(text)

    async def find(self, key_id: str) -> Key | None:
        """Return the active key of this id, or None: for sessions, which remember the id alone."""
        known = await self._known(key_id, suspect=False, seconds=self._wait_seconds)
        return None if known is None else self._keys.active(known)

    async def find_session(self, session_id: str, key_id: str) -> Key | None:
        """Return the active key of a session that was not ended, or None."""
        ask = self._keys.session_is_over
        is_over = await self._waited(self._threads, ask, session_id, self._wait_seconds)
        return None if is_over else await self.find(key_id)

    async def _known(self, key_id: str, *, suspect: bool, seconds: float) -> KnownKey | None:
        known = self._keys.fresh(key_id)
        if known is not None:
            return known
        threads = self._suspects if suspect else self._threads
        return await self._waited(threads, self._keys.read, key_id, seconds)

    async def _waited(
        self, threads: ThreadPoolExecutor, read: Callable[[str], T], asked: str, seconds: float
    ) -> T:
        """Return what is read in one of the threads. Raises StoreAwayError where it takes too long."""
        reading = asyncio.get_running_loop().run_in_executor(threads, read, asked)
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await reading
        except TimeoutError as problem:
            if not limit.expired():
                raise
            raise StoreAwayError(
                "the store did not say in time what it knows of a key or a session"
            ) from problem
