"""Counts of one name in a sliding minute, in the memory of one process and one thread."""

from __future__ import annotations

import math

MINUTE_SECONDS = 60.0


class SlidingMinute:
    """A sliding window counter: the present minute, and of the one before the share that is not over yet.

    As https://blog.cloudflare.com/counting-things-a-lot-of-different-things describes. The library `limits`
    counts nearly so: it rounds down what counts of the minute before. Its store in memory starts a thread for
    nearly every request, which costs more than to answer it.
    """

    def __init__(self) -> None:
        self._minute = -1
        self._now = 0
        self._before = 0

    def passes(self, limit: int, seconds: float) -> bool:
        """Count one at `seconds`, of a clock that never goes back, unless it is one more than `limit`."""
        free = self._free(limit, seconds)
        if free:
            self._now += 1
        return free

    def seconds_until_free(self, limit: int, seconds: float) -> float:
        """Return how long it takes until one more is none too many: at most a minute."""
        if self._free(limit, seconds):
            return 0.0
        gone = seconds % MINUTE_SECONDS
        if self._now >= limit:
            return MINUTE_SECONDS - gone
        return MINUTE_SECONDS * (1.0 - (limit - 1 - self._now) / self._before) - gone

    def _free(self, limit: int, seconds: float) -> bool:
        minute = math.floor(seconds / MINUTE_SECONDS)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else 0
            self._minute, self._now = minute, 0
        rest = 1.0 - (seconds % MINUTE_SECONDS) / MINUTE_SECONDS
        return self._before * rest + self._now + 1 <= limit
