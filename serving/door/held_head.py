"""The head of an answer and its body in one piece: one call of the system, and one packet for the caller.

uvicorn writes them apart, and uvloop writes at once what it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

HEAD = b"HTTP/1.1 "
"""So a head begins. What else begins so is held as well, which changes nothing of what is sent."""

TOGETHER_BYTES = 64 * 1024
"""A larger body is not copied to stand behind its head."""


class HeldHead:
    """A transport that holds a head until what follows it is written, or the loop has turned.

    All else is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self.is_closing = transport.is_closing  # asked for each request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write bytes, with a head that was held before them; to who has gone, nothing."""
        if self.is_closing():
            self._head = b""
            return
        head = self._head
        if head and len(data) <= TOGETHER_BYTES:
            self._head = b""
            self._transport.write(head + data)
        elif data.startswith(HEAD):
            self._send_head()
            self._head = data
            self._loop.call_soon(self._send_head)
        else:
            self._send_head()
            self._transport.write(data)

    def close(self) -> None:
        """Write what was held, and close."""
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        head, self._head = self._head, b""
        if head:
            self._transport.write(head)
