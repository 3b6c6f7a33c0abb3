"""HTTP as uvicorn speaks it, with a limit to what may come before a body, and a stop that loses nothing.

Without the limit, uvicorn gathers request lines and headers of any size in memory, and joins them in time
that grows with the square of it: a header of 100 MB, which needs no key, would stop the process for ten
seconds.

On a stop uvicorn closes idle connections at once, and a request that is on its way into one is lost. Here
they stay open for a moment longer; an answer says that it is the last one of its connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.door.held_head import HeldHead

if TYPE_CHECKING:
    import asyncio

HEAD_LIMIT_BYTES = 64 * 1024
"""So much of a request line, of headers or of trailers may come piece by piece."""

LEAVING_SECONDS = 0.5
"""So long after the stop an idle connection may still bring a request."""


class LimitedHead(HttpToolsProtocol):
    """Ends connections whose request line and headers do not end; the answer is 400.

    A piece that comes at once may be larger, as large as the event loop reads it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unended_bytes = 0
        self._is_leaving = False

    def shutdown(self) -> None:
        """Answer what is under way or comes within a moment, and close the connection."""
        self._is_leaving = True
        if self._is_idle:
            self.loop.call_later(LEAVING_SECONDS, self._leave)
        else:
            super().shutdown()

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _leave(self) -> None:
        if self._is_idle and not self.transport.is_closing():
            self.transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to listen to a connection."""
        super().connection_made(cast("asyncio.Transport", HeldHead(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """Take what has come over the wire."""
        before = self.cycle
        self._unended_bytes += len(data)
        super().data_received(data)
        if self.cycle is not before:  # the headers came to their end
            self._unended_bytes = 0
            if self._is_leaving:
                self.cycle.keep_alive = False
        elif self._unended_bytes > HEAD_LIMIT_BYTES and not self.transport.is_closing():
            self.send_400_response(f"The headers may hold {HEAD_LIMIT_BYTES} bytes.")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, whose size others limit."""
        self._unended_bytes = 0
        super().on_body(body)
