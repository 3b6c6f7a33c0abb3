"""How often a key may ask, and how often an address may be wrong about a key.

The counts are those of one server process. Processes share nothing here: asking a store about every request
would cost more than the request.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from serving.clock import utc_now
from serving.wire.problems import refuse

if TYPE_CHECKING:
    from serving.access.keys import Key, KeyRing
    from serving.wire.problems import ProblemError

BUCKETS = 4_096
"""Addresses are counted in so many buckets, so that no crowd of callers fills the memory. Two addresses that
share one share their allowance of wrong keys; keys that are right are not touched by it."""


class KeyLimits:
    """Counts the requests of each key in a sliding minute. `per_minute` is the limit of keys without one."""

    def __init__(self, per_minute: int, processes: int = 1) -> None:
        self._per_minute = per_minute
        self._processes = processes
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, key: Key) -> None:
        """Count one request. Raises ProblemError (429, with Retry-After) where it is one too many."""
        of_key = key.limit_per_minute
        limit = self._per_minute if of_key is None else of_key
        if limit == 0:
            return
        here = RateLimitItemPerMinute(math.ceil(limit / self._processes))
        if not self._counts.hit(here, key.id):
            raise _too_many(
                f"The key may ask {limit} times a minute.", _seconds_until_free(self._counts, here, key.id)
            )


class Guesses:
    """Counts wrong keys by the address they come from, and after too many in a minute looks at no more.

    A key that has been right in this process before is looked at all the same: a caller with a wrong key
    does not shut out others behind the same address.
    """

    def __init__(self, keys: KeyRing, per_minute: int) -> None:
        self._keys = keys
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())

    def verify(self, text: str, address: str) -> Key | None:
        """Return the key that `text` is, or None. Raises ProblemError (429) where it was not looked at."""
        if self._limit is None:
            return self._keys.verify(text)
        bucket = str(hash(_network(address)) % BUCKETS)
        if not self._counts.test(self._limit, bucket) and not self._keys.knows(text):
            raise _too_many(
                "Too many wrong keys came from this address.",
                _seconds_until_free(self._counts, self._limit, bucket),
            )
        key = self._keys.verify(text)
        if key is None:
            self._counts.hit(self._limit, bucket)
        return key


def _network(address: str) -> str:
    """Return what one caller can choose from: an address, or the /64 network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped else address


def _seconds_until_free(
    counts: SlidingWindowCounterRateLimiter, limit: RateLimitItemPerMinute, name: str
) -> int:
    free_at = counts.get_window_stats(limit, name).reset_time
    return max(1, math.ceil(free_at - utc_now() / 1_000_000))  # the library reads the same clock


def _too_many(detail: str, seconds: int) -> ProblemError:
    return refuse(429, f"{detail} Try again in {seconds} s.", retry_after=str(seconds))
