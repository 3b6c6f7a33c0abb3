"""The innermost layer: answers what is under /v1, and lets the rest pass on to BentoML.

It stands before BentoML rather than beside its pages, because BentoML would write the messages of exceptions
into its log, and because half a millisecond of each request would go into counting paths, ids included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse

from features.errors import InputError
from serving.api.call import Call
from serving.api.handlers import HANDLERS
from serving.door.exchange import exchange_of
from serving.wire.problems import ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from serving.parts import Parts

WRITERS = 8
"""So many requests that write are worked on at once; the others wait without holding a thread."""

READING = frozenset({"GET", "HEAD"})


class Api:
    """Hands a request to the handler of its route, in a thread of its own: handlers wait for the store."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._writers = anyio.CapacityLimiter(WRITERS)
        self._readers = anyio.CapacityLimiter(WRITERS * 3)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the request pass."""
        exchange = exchange_of(scope) if scope["type"] == "http" else None
        handler = (
            None if exchange is None or exchange.route is None else HANDLERS.get(exchange.route.operation)
        )
        if exchange is None or exchange.route is None or handler is None or exchange.taken is None:
            await self._app(scope, receive, send)  # /score keeps nothing unless it is asked to
            return
        if exchange.key is None:
            raise LookupError("the request did not come through the gate")
        call = Call(
            parts=self._parts,
            operation=exchange.route.operation,
            key=exchange.key,
            params=exchange.params,
            taken=exchange.taken,
            headers=Headers(scope=scope),
        )
        limiter = self._readers if scope["method"] in READING else self._writers
        response = await anyio.to_thread.run_sync(_handled, handler, call, limiter=limiter)
        if isinstance(response, FileResponse):
            scope, send = _without_ranges(scope), _buying_time(send, exchange.more_time)
        await response(scope, receive, send)


def _without_ranges(scope: Scope) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in {b"range", b"if-range"}]
    return {**scope, "headers": kept}


def _buying_time(send: Send, more_time: Callable[[], None]) -> Send:
    """Return a `send` for files: as long as they move, there is time for the next piece."""

    async def sent(message: Message) -> None:
        await send(message)
        more_time()

    return sent


def _handled(handler: Callable[[Call], Response], call: Call) -> Response:
    try:
        return handler(call)
    except InputError as problem:
        raise ProblemError(invalid(problem.faults)) from problem
