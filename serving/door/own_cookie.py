"""Leaves of what browsers send in Cookie what is our own, before anything parses it.

Python before 3.11.10 and 3.12.6 takes time in the square of a quoted cookie's length: one of 100 KB, which
needs no key, would stop the process for ten seconds. Ours is never quoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class OwnCookie:
    """Passes requests on with the cookie of one name alone."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
            sent = [value for name, value in scope["headers"] if name.lower() == b"cookie"]
            own = [pair for value in sent for pair in own_pairs(value, self._name)]
            scope = {**scope, "headers": [*headers, (b"cookie", b"; ".join(own))] if own else headers}
        await self._app(scope, receive, send)


def own_pairs(header: bytes, name: bytes) -> list[bytes]:
    """Return the pairs of a Cookie header that have this name and no quotes.

    >>> own_pairs(b'theirs="a;b"; ours=x.y; ours="z"', b"ours")
    [b'ours=x.y']
    """
    pairs = (pair.strip() for pair in header.split(b";"))
    return [pair for pair in pairs if pair.partition(b"=")[0].strip() == name and b'"' not in pair]
