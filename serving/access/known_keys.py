"""Keys as the store told of them: good for a second, and for hours, to score, while the store is away."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from serving.access.key import Key, id_in, is_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FRESH_US = 1_000_000
"""What was read of a key counts for so many microseconds: other processes revoke within a second."""

HALF_FRESH_US = FRESH_US // 2
"""Who is used after so long is read again behind the requests' backs, and so never grows old in use."""

PATIENCE_SECONDS = 1.0
"""A store that is silent for longer about keys counts as away."""

CLOCKS_APART_US = 60_000_000
"""What was read so much later than now was read by a clock that was set back since, and still counts."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key, the digest of its text, and when the store told so (microseconds UTC)."""

    key: Key
    sha256: str
    read_at: int


class KnownKeys:
    """What this process knows of keys, and whether the store answers. It asks no store itself.

    `memory_us`: for how long a key that the store once told is good for scores while the store is away.
    `again` is called with a key's id where the key is to be read again soon, by somebody else. Times are
    microseconds UTC; `seconds` is a clock that never goes back. Several threads may use it.
    """

    def __init__(
        self,
        memory_us: int,
        again: Callable[[str], object],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory_us = memory_us
        self._again = again
        self._seconds = seconds
        self._known: dict[str, KnownKey] = {}
        self._right: dict[str, KnownKey] = {}
        """Texts that were right since the store told something last, so that none is digested again."""

        self._has_failed = False
        self._asked_at: float | None = None
        self._lock = threading.Lock()

    def fresh(self, key_id: str, now: int) -> KnownKey | None:
        """Return a key that was read a moment ago; where that moment is half over it is read again soon."""
        known = self._known.get(key_id)
        if known is None or not 0 <= now - known.read_at < FRESH_US:
            return None
        if now - known.read_at >= HALF_FRESH_US:
            self._again(key_id)
        return known

    def any_time(self, key_id: str) -> KnownKey | None:
        """Return what was read of a key, however long ago."""
        return self._known.get(key_id)

    def remembered(self, key_id: str, now: int) -> KnownKey | None:
        """Return a key as it was told last, where that is not too long ago to count without the store."""
        known = self._known.get(key_id)
        if known is None or not -CLOCKS_APART_US <= now - known.read_at < self._memory_us:
            return None
        return replace(known, key=replace(known.key, is_remembered=True))

    def at_hand(self, text: str, now: int) -> KnownKey | None:
        """Return the key that `text` is, where it is fresh, or the store is away and it is remembered."""
        right = self._right.get(text)
        if right is not None and self.fresh(right.key.id, now) is right:
            return right
        key_id = id_in(text)
        if key_id is None:
            return None
        known = fresh = self.fresh(key_id, now)
        if known is None and self.is_away():
            known = self.remembered(key_id, now)
        if known is None or not is_of(text, known):
            return None
        if known is fresh:
            self._right[text] = known
        return known

    def is_away(self) -> bool:
        """Return whether the store did not answer when it was asked last, or does not now."""
        asked_at = self._asked_at
        return self._has_failed or (asked_at is not None and self._seconds() - asked_at > PATIENCE_SECONDS)

    def asked(self) -> None:
        """Note that the store is asked at this moment; `told` or `failed` follows."""
        self._asked_at = self._seconds()

    def told(self, asked: Iterable[str], found: Iterable[KnownKey]) -> None:
        """Note what the store told of the keys that were asked for; those that it has not are forgotten."""
        news = {one.key.id: one for one in found}
        with self._lock:
            for key_id in asked:
                if key_id not in news:
                    self._known.pop(key_id, None)
            for key_id, one in news.items():
                known = self._known.get(key_id)
                # Others may have read it later and told of it sooner: a revocation that is known stays.
                if known is None or known.key.revoked_at is None or one.key.revoked_at is not None:
                    self._known[key_id] = one
            self._right = {}
        self._asked_at, self._has_failed = None, False

    def failed(self) -> None:
        """Note that the store did not answer."""
        self._asked_at, self._has_failed = None, True

    def learn(self, known: Iterable[KnownKey]) -> None:
        """Note what others were told of keys; what is known here and newer stays."""
        with self._lock:
            for one in known:
                self._put(one.key.id, one)

    def revoked(self, key_id: str, now: int) -> None:
        """Note that a key was revoked in the store at `now`, if it is known."""
        with self._lock:
            known = self._known.get(key_id)
            if known is not None:
                self._known[key_id] = replace(known, key=replace(known.key, revoked_at=now), read_at=now)

    def everything(self) -> list[KnownKey]:
        """Return all that is known."""
        with self._lock:
            return list(self._known.values())

    def _put(self, key_id: str, one: KnownKey) -> None:
        known = self._known.get(key_id)
        if known is None or known.read_at <= one.read_at:
            self._known[key_id] = one
