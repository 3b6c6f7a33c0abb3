"""How often a key may ask, and how often an address may be wrong about a key.

The counts are those of one server process. Processes share nothing here: asking a store about every request
would cost more than the request.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from serving.access.sliding_minute import SlidingMinute
from serving.clock import utc_now
from serving.store.reach import StoreAwayError
from serving.wire.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.access.key import Key
    from serving.access.look_ups import LookUps
    from serving.wire.problems import ProblemError

NETWORKS = 16_384
"""Of so many networks wrong keys are counted; a new one takes the place of the one longest not heard of."""


class KeyLimits:
    """Counts the requests of each key in a sliding minute. `per_minute` is the limit of keys without one."""

    def __init__(
        self, per_minute: int, processes: int = 1, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._processes = processes
        self._seconds = seconds
        self._counts: dict[str, SlidingMinute] = {}

    def passes(self, key: Key) -> bool:
        """Count one request, and return whether it is none too many."""
        limit = self._limit_of(key)
        if limit == 0:
            return True
        count = self._counts.get(key.id)
        if count is None:
            count = self._counts[key.id] = SlidingMinute()
        return count.passes(self._here(limit), self._seconds())

    def count(self, key: Key) -> None:
        """Count one request. Raises ProblemError (429, with Retry-After) where it is one too many."""
        if not self.passes(key):
            limit = self._limit_of(key)
            wait = self._counts[key.id].seconds_until_free(self._here(limit), self._seconds())
            raise _too_many(f"The key may ask {limit} times a minute.", max(1, math.ceil(wait)))

    def _limit_of(self, key: Key) -> int:
        return self._per_minute if key.limit_per_minute is None else key.limit_per_minute

    def _here(self, limit: int) -> int:
        return -(-limit // self._processes)


class Guesses:
    """Counts wrong keys by the network they come from, and after too many in a minute says so.

    A right key passes: a caller with wrong keys does not shut out others behind the same address. But the
    look-ups of such a network wait for one another, so that nobody else waits for them: not those from
    elsewhere, and not those behind the same address whose key was right before. A key that is new here
    waits with the wrong ones, from which nothing tells it yet; it is refused (429) after some seconds.
    """

    def __init__(self, look_ups: LookUps, per_minute: int) -> None:
        self._look_ups = look_ups
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._heard_of: OrderedDict[str, None] = OrderedDict()

    async def verify(self, text: str, address: str) -> Key | None:
        """Return the key that `text` is, or None. Raises ProblemError (429) for one wrong key too many."""
        if self._limit is None:
            return await self._look_ups.verify(text)
        network = network_of(address)
        wrong_too_often = network in self._heard_of and not self._counts.test(self._limit, network)
        suspect = wrong_too_often and not self._look_ups.knew(text)
        too_many = "Too many wrong keys came from this address."
        try:
            key = await self._look_ups.verify(text, suspect=suspect)
        except StoreAwayError as problem:
            if not suspect:
                raise
            free_in = _seconds_until_free(self._counts, self._limit, network)
            raise _too_many(too_many, free_in) from problem
        if key is None and not self._counted(self._limit, network):
            raise _too_many(too_many, _seconds_until_free(self._counts, self._limit, network))
        return key

    def _counted(self, limit: RateLimitItemPerMinute, network: str) -> bool:
        """Count a wrong key, and return whether it was one of those that are allowed."""
        self._heard_of[network] = None
        self._heard_of.move_to_end(network)
        while len(self._heard_of) > NETWORKS:
            oldest, _ = self._heard_of.popitem(last=False)
            self._counts.clear(limit, oldest)
        return self._counts.hit(limit, network)


def network_of(address: str) -> str:
    """Return what one caller can choose from: an address, or the /64 network of an IPv6 address.

    What is no address, such as the name of a socket, is all one caller.

    >>> [network_of(text) for text in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::7", "fe80::1%eth0", "?")]
    ['192.0.2.1', '192.0.2.1', '2001:db8::/64', 'fe80::/64', '']
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def _seconds_until_free(
    counts: SlidingWindowCounterRateLimiter, limit: RateLimitItemPerMinute, name: str
) -> int:
    free_at = counts.get_window_stats(limit, name).reset_time
    return max(1, math.ceil(free_at - utc_now() / 1_000_000))  # the library reads the same clock


def _too_many(detail: str, seconds: int) -> ProblemError:
    return refuse(429, f"{detail} Try again in {seconds} s.", retry_after=str(seconds))
