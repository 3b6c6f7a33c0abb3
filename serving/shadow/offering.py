"""Handing requests that were answered to the process that scores them with the challenger too."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = struct.Struct("<qiq")
"""When the request arrived (microseconds UTC), the champion's score, and its version."""

NO_VERSION = -1
LARGEST_BYTES = 1024 * 1024
QUEUED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offered:
    """A request that was answered: its body as it came, and what the champion gave it."""

    body: bytes
    arrived_at: int
    score: int
    version: int | None


def shadow_pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends of a line for whole messages: one for servers, one for the shadow.

    It has no name that others could find, and holds so much as the system allows. Both ends are inherited
    by the processes that are given them, and a shadow that starts again finds the line as it was.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, QUEUED_BYTES)
    ours.setblocking(False)
    return ours, theirs


class Shadow:
    """Offers a share of the requests, and never waits: what the line has no room for is dropped, and counted.

    Without a line, or with a share of 0, nothing is offered. Shares are kept evenly, not by chance.
    """

    def __init__(
        self,
        line: socket.socket | None = None,
        share: float = 0.0,
        on_drop: Callable[[], object] = lambda: None,
    ) -> None:
        """`on_drop` is told of each request that is dropped, for it to be counted."""
        self._line = line
        self._on_drop = on_drop
        self._share = share if line is not None else 0.0
        self._owed = 0.0
        self.offered = 0
        self.dropped = 0

    def offer(self, body: bytes, arrived_at: int, score: int, version: int | None) -> None:
        """Hand a request on, if it is its turn. Never raises, never waits."""
        if not self._share:
            return
        self._owed += self._share
        if self._owed < 1.0:
            return
        self._owed -= 1.0
        self._send(body, arrived_at, score, NO_VERSION if version is None else version)

    def _send(self, body: bytes, arrived_at: int, score: int, version: int) -> None:
        assert self._line is not None  # noqa: S101 - a share is kept only of a line
        try:
            self._line.send(HEAD.pack(arrived_at, score, version) + body)
        except (OSError, struct.error):  # full, too large, or nobody is there
            self.dropped += 1
            self._on_drop()
        else:
            self.offered += 1


def received(line: socket.socket, seconds: float) -> Offered | None:
    """Return the next request that was offered, None where none comes in so many seconds."""
    line.settimeout(seconds)
    try:
        message = line.recv(HEAD.size + LARGEST_BYTES)
    except TimeoutError:
        return None
    if len(message) < HEAD.size:
        return None
    arrived_at, score, version = HEAD.unpack_from(message)
    return Offered(message[HEAD.size :], arrived_at, score, None if version == NO_VERSION else version)
